// The limit of activation: on which queue it is set, when it is in effect already, and what is said where Temporal refuses.

import { expect, test } from '@jest/globals'
import type { Client } from '@temporalio/client'
import { governorIdentity } from '#contracts'
import {
  limitActivation,
  pauseActivation,
  resumeActivation,
} from '#operations/activation/change-limit'
import { asked } from '#operations/activation/temporal-problem'
import { GRPC } from '#runtime/status-codes'

const WHO = { actor: 'ann', reason: 'the campaign' }

type Held = { perSecond?: number; reason?: string; identity?: string; setAt?: number }

const configOf = ({ perSecond, reason, identity, setAt = 0 }: Held) => ({
  queueRateLimit: {
    rateLimit: perSecond === undefined ? null : { requestsPerSecond: perSecond },
    metadata: { reason, updateIdentity: identity, updateTime: { seconds: setAt } },
  },
})

const STORED: Held = { perSecond: 9, reason: 'as stored', identity: 'ann', setAt: 1_700_000_000 }

/**
 * A server that holds a limit, and once another is stored tells readers of that one after `late` reads.
 * @returns the place of the limit, and what was asked of the server
 */
function serverWith(held: Held, late = 0) {
  const written: object[] = []
  const read: object[] = []
  const client: Client = Object({
    options: { namespace: 'cars' },
    withDeadline: (_deadline: Date, work: () => unknown) => work(),
    workflowService: {
      describeTaskQueue: async (request: object) => {
        read.push(request)
        const isSeen = written.length > 0 && late-- <= 0
        return { config: configOf(isSeen ? STORED : held), stats: null }
      },
      updateTaskQueueConfig: async (request: object) => {
        written.push(request)
        return { config: configOf(STORED) }
      },
    },
  })
  return { place: { client, taskQueue: 'queue' }, written, read }
}

const ON_QUEUE = { namespace: 'cars', taskQueue: 'queue-activation', taskQueueType: 2 }

test('the queue of activation is limited, and no other', async () => {
  const { place, written, read } = serverWith({})
  const done = await limitActivation(place, { calls: 100, callsPerActivity: 30 }, WHO)
  const ofQueue = { namespace: 'cars', taskQueue: { name: 'queue-activation' } }
  expect(read).toMatchObject([ofQueue, ofQueue])
  expect(written).toEqual([
    {
      ...ON_QUEUE,
      updateQueueRateLimit: { rateLimit: { requestsPerSecond: 3.333 }, reason: 'the campaign' },
      identity: 'ann',
    },
  ])
  expect(done).toMatchObject({
    isChanged: true,
    before: { limit: { perSecond: null } },
    after: { limit: { perSecond: 9, reason: 'as stored', identity: 'ann' } },
  })
})

test('a pause is a limit of zero, and nothing is left of a limit that is lifted', async () => {
  const paused = serverWith({})
  await pauseActivation(paused.place, WHO)
  expect(paused.written).toMatchObject([
    { updateQueueRateLimit: { rateLimit: { requestsPerSecond: 0 } } },
  ])
  const resumed = serverWith({ perSecond: 0, reason: 'x', identity: 'bob' })
  await resumeActivation(resumed.place, WHO)
  expect(resumed.written).toEqual([
    { ...ON_QUEUE, updateQueueRateLimit: { reason: 'the campaign' }, identity: 'ann' },
  ])
})

test('a change is done once those who read the limit are told of it', async () => {
  const { place, read } = serverWith({ setAt: 1_600_000_000 }, 2)
  await pauseActivation(place, WHO)
  expect(read).toHaveLength(1 + 2 + 1)
})

const HELD = { perSecond: 100, reason: 'the campaign', identity: 'bob' }

test.each([
  [HELD, 100, false],
  [HELD, 92, false],
  [HELD, 109, false],
  [HELD, 90, true],
  [HELD, 112, true],
  [{ ...HELD, reason: 'another' }, 100, true],
  [{ ...HELD, identity: governorIdentity('throttled', null) }, 100, true],
  [{ ...HELD, perSecond: 0 }, 100, true],
  [{}, 100, true],
])('with %j, a rate of %d is written: %s', async (held, calls, isChanged) => {
  const { place, written } = serverWith(held)
  const done = await limitActivation(place, { calls, callsPerActivity: 1 }, WHO)
  expect([done.isChanged, written.length]).toEqual([isChanged, isChanged ? 1 : 0])
})

test.each([
  [{}, false],
  [{ perSecond: 0, reason: 'x', identity: 'bob' }, true],
  [{ identity: governorIdentity('recovering', 5) }, true],
])('with %j there is a limit to lift: %s', async (held, isChanged) => {
  expect((await resumeActivation(serverWith(held).place, WHO)).isChanged).toBe(isChanged)
})

test('a person cannot sign as the governor', async () => {
  const who = { ...WHO, actor: governorIdentity('open', 1) }
  const { place, written } = serverWith({})
  await expect(pauseActivation(place, who)).rejects.toMatchObject({ code: 'actor_invalid' })
  expect(written).toEqual([])
})

const codes = Object.entries(GRPC).filter(([, code]) => code !== GRPC.OK)
const WORDS: Readonly<Record<string, string>> = {
  UNIMPLEMENTED: 'limits_unsupported',
  UNAVAILABLE: 'temporal_lost',
  DEADLINE_EXCEEDED: 'temporal_lost',
}

test.each(codes)('Temporal answers %s', async (name, grpcCode) => {
  const cause = Object.assign(new Error('why'), { code: grpcCode })
  const code = WORDS[name] ?? 'temporal_refused'
  await expect(asked(Promise.reject(cause))).rejects.toMatchObject({ code })
  await expect(asked(Promise.reject(new Error('failed', { cause })))).rejects.toMatchObject({
    code,
  })
})
