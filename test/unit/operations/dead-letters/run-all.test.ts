// Many dead letters are resolved a few at a time, no faster than asked, and not on and on where they fail again.

import { expect, test } from '@jest/globals'
import type { OpenLetter } from '#operations/dead-letters/open-letters'
import type { Outcome } from '#operations/dead-letters/outcome'
import { runAll, type Work } from '#operations/dead-letters/run-all'
import { withResolvers } from '../../../../workers/isolation/with-resolvers.ts'
import { storedEvent } from '../../../support/stored-event.ts'

const letter = (id: string, events = 10): OpenLetter => ({
  id,
  attempts: 0,
  events: Array.from({ length: events }, (_, i) => storedEvent({ message_id: `${id}-${i}` })),
})

async function* some(count: number) {
  for (let i = 0; i < count; i++) yield letter(`d${i}`)
}

const outcome = ({ id, events }: OpenLetter, failed = 0): Outcome => ({
  id,
  events: events.length,
  failed: events.slice(0, failed).map(({ message_id }) => message_id),
  ...(failed > 0 ? { outcome: 'failed', summary: 'rejected again' } : { outcome: 'closed' }),
})

const work = (more: Partial<Work> = {}): Work => ({
  letters: some(30),
  start: async (one) => ({ finished: Promise.resolve(outcome(one)) }),
  counted: ({ events }) => new Set(events.map(({ message_id }) => message_id)),
  pace: { rate: Number.POSITIVE_INFINITY, maxFailures: 0.5 },
  stop: new AbortController().signal,
  onDone: () => {},
  ...more,
})

test('all are resolved, each once', async () => {
  const { outcomes, ended } = await runAll(work())
  expect(ended).toBe('finished')
  expect(outcomes.map(({ id }) => id).toSorted()).toEqual(
    Array.from({ length: 30 }, (_, i) => `d${i}`).toSorted(),
  )
})

/** After the eighth has started: one more would start within milliseconds. */
const TIME_FOR_ANOTHER_MS = 50

test('no more than a few are under way at once', async () => {
  let [now, most] = [0, 0]
  const eight = withResolvers<void>()
  const start: Work['start'] = async (one) => {
    most = Math.max(most, ++now)
    if (now === 8) setTimeout(eight.resolve, TIME_FOR_ANOTHER_MS)
    const finish = () => {
      now--
      return outcome(one)
    }
    return { finished: eight.promise.then(finish) }
  }
  await runAll(work({ start }))
  expect(most).toBe(8)
})

test('events are sent no faster than asked', async () => {
  const began = performance.now()
  await runAll(work({ letters: some(5), pace: { rate: 200, maxFailures: 1 } }))
  expect(performance.now() - began).toBeGreaterThanOrEqual(195)
})

test('it stops by itself once more than the share has failed again', async () => {
  const started: string[] = []
  const start: Work['start'] = async (one) => {
    started.push(one.id)
    return { finished: Promise.resolve(outcome(one, 6)) }
  }
  const { ended, outcomes } = await runAll(work({ start }))
  expect(ended).toBe('too many failures')
  expect(started.length).toBeLessThan(10)
  expect(outcomes).toHaveLength(started.length)
  expect((await runAll(work({ start, pace: { rate: 1e9, maxFailures: 0.6 } }))).ended).toBe(
    'finished',
  )
})

const REFUSED = {
  outcome: 'refused',
  refusal: { code: 'bytes_missing', details: { letter: 'd', messageId: 'm' } },
} as const

test('those that were refused make the share that fails no smaller', async () => {
  let tried = 0
  const start: Work['start'] = async (one) => {
    const isRefused = tried++ < 20
    const came: Outcome = isRefused ? { ...outcome(one), ...REFUSED } : outcome(one, 6)
    return { finished: Promise.resolve(came) }
  }
  const { ended, outcomes } = await runAll(work({ letters: some(40), start }))
  expect(ended).toBe('too many failures')
  expect(outcomes.length).toBeLessThan(30)
})

test('where the last of all fails, nothing was cut short', async () => {
  const start: Work['start'] = async (one) => ({ finished: Promise.resolve(outcome(one, 10)) })
  expect((await runAll(work({ letters: some(1), start }))).ended).toBe('finished')
})

test('events that were not chosen do not count', async () => {
  const start: Work['start'] = async (one) => ({ finished: Promise.resolve(outcome(one, 6)) })
  const counted: Work['counted'] = ({ events }) =>
    new Set(events.slice(6).map(({ message_id }) => message_id))
  expect((await runAll(work({ start, counted }))).ended).toBe('finished')
})

test('told to stop, it starts no other and does not wait for those under way', async () => {
  const controller = new AbortController()
  let started = 0
  const start: Work['start'] = async () => {
    if (++started === 8) setTimeout(() => controller.abort(), TIME_FOR_ANOTHER_MS)
    return { finished: new Promise(() => {}) }
  }
  expect(await runAll(work({ start, stop: controller.signal }))).toEqual({
    outcomes: [],
    ended: 'interrupted',
    underWay: 8,
  })
})

test('each outcome is told once, and the end waits for all of them', async () => {
  const told: string[] = []
  const last = withResolvers<void>()
  const start: Work['start'] = async (one) => ({
    finished:
      one.id === 'd0' ? last.promise.then(() => outcome(one)) : Promise.resolve(outcome(one)),
  })
  const onDone = ({ id }: Outcome) => {
    told.push(id)
    if (told.length === 2) last.resolve()
  }
  const done = await runAll(work({ letters: some(3), start, onDone }))
  expect(told).toEqual(['d1', 'd2', 'd0'])
  expect(done).toMatchObject({ ended: 'finished', underWay: 0 })
  expect(done.outcomes.map(({ id }) => id)).toEqual(told)
})

test('a share of fewer than ten events stops nothing', async () => {
  const start: Work['start'] = async (one) => ({ finished: Promise.resolve(outcome(one, 1)) })
  const failing = async (letters: number) => {
    const ones = Array.from({ length: letters }, (_, i) => letter(`d${i}`, 1))
    const each = (async function* each() {
      yield* ones
    })()
    return runAll(work({ letters: each, start, pace: { rate: 1e9, maxFailures: 0.5 } }))
  }
  expect((await failing(10)).ended).toBe('finished')
  const { ended, outcomes } = await failing(40)
  expect(ended).toBe('too many failures')
  expect(outcomes.length).toBeGreaterThanOrEqual(10)
})
