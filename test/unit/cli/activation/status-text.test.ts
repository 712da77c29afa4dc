// The state of activation as a person reads it: what holds it up, who set that, what waits, and when it ends.

import { expect, test } from '@jest/globals'
import { governorIdentity } from '#contracts'
import type { ActivationStatus } from '#operations/activation/status'
import { changeJson, changeText } from '../../../../cli/activation/limits.ts'
import { exitCodeOf } from '../../../../cli/activation/status.ts'
import { statusText } from '../../../../cli/activation/status-text.ts'

const RUNNING: ActivationStatus = {
  days: 7,
  state: 'running',
  limit: {
    activitiesPerSecond: null,
    callsPerSecond: null,
    reason: '',
    by: '',
    setAt: null,
  },
  isGoverned: true,
  waiting: {
    events: 0,
    oldest: null,
    partners: [],
    batches: 0,
    laterBatches: 0,
    activities: 0,
  },
  segment: { accepted: { lastAt: null, recentCalls: 0 }, failures: [] },
  drainedAt: null,
  off: { defaults: { activation: false, googleAds: false }, activation: [], googleAds: [] },
}

const textWith = (own: Partial<ActivationStatus>) => statusText({ ...RUNNING, ...own })

const NOT_GOVERNED = 'The governor that set this limit was terminated'

test.each([
  ['running', 'Activation runs without a limit.'],
  ['limited', 'Activation runs at a limited rate.'],
  ['paused', 'Activation is paused'],
  ['throttled', 'Segment asked for it'],
  ['open', 'The breaker is open: nothing is sent'],
  ['probing', 'a probe is under way'],
  ['recovering', 'Activation recovers by steps'],
] as const)('the state %s', (state, words) => {
  expect(textWith({ state }).split('\n')[0]).toContain(words)
})

test('a governor that was terminated is told, and one that runs is not', () => {
  expect(textWith({ isGoverned: true })).not.toContain(NOT_GOVERNED)
  expect(textWith({ isGoverned: false })).toContain(NOT_GOVERNED)
})

test('a limit says its rate, who set it, when, and why', () => {
  const text = textWith({
    state: 'limited',
    limit: {
      activitiesPerSecond: 2,
      callsPerSecond: 120,
      reason: 'the campaign changes',
      by: 'ann',
      setAt: new Date(Date.now() - 2 * 3_600_000 - 60_000).toISOString(),
    },
  })
  expect(text).toContain('Limit: 2 activities a second, which are some 120 calls a second')
  expect(text).toContain('Set by ann, 2h ago (')
  expect(text).toContain('Reason: the campaign changes')
})

test('the governor is named where it set the limit', () => {
  const limit = { ...RUNNING.limit, by: 'governActivation', setAt: new Date().toISOString() }
  expect(textWith({ state: 'open', limit })).toContain('Set by the governor, 0s ago (')
})

test.each([
  [0, 'No event of the last 7 days waits.'],
  [1, '1 event of the last 7 days waits, the oldest for 3h.'],
  [2, '2 events of the last 7 days wait, the oldest for 3h.'],
])('%d events that wait', (events, words) => {
  const oldest = new Date(Date.now() - 3 * 3_600_000 - 60_000).toISOString()
  const partners = events === 0 ? [] : [{ partner: 'dealer-7', events, oldest }]
  const waiting = { ...RUNNING.waiting, events, oldest, partners, activities: 1, batches: 2 }
  const text = textWith({ waiting })
  expect(text).toContain(words)
  expect(text).toContain('1 activity to be started, 2 batches that have waited')
  expect(text).not.toContain('cooling-off')
  expect(text.includes('dealer-7')).toBe(events > 0)
})

test('more than twenty partners are for the JSON', () => {
  const oldest = new Date().toISOString()
  const partners = Array.from({ length: 23 }, (_, at) => ({ partner: `p${at}`, events: 1, oldest }))
  const waiting = { ...RUNNING.waiting, events: 23, oldest, partners, laterBatches: 1 }
  const text = textWith({ waiting })
  expect(text).toContain('3 more partners')
  expect(text).toContain('p19')
  expect(text).not.toContain('p20')
  expect(text).toContain('1 batch has events that wait for another event of their order')
})

test.each([
  ['running', 0],
  ['limited', 0],
  ['recovering', 0],
  ['paused', 1],
  ['throttled', 1],
  ['open', 1],
  ['probing', 1],
] as const)('where activation is %s, the exit code of its status is %d', (state, code) => {
  expect(exitCodeOf(state)).toBe(code)
})

const SET_AT = '2026-11-20T10:00:00.000Z'
const limitOf = (perSecond: number | null, identity = 'ann') => ({
  limit: { perSecond, reason: 'the campaign', identity },
  setAt: SET_AT,
})

test.each([
  [limitOf(null, ''), 'Activation runs without a limit.'],
  [limitOf(0), `Activation is paused. Set by ann at ${SET_AT}: the campaign`],
  [
    limitOf(1.23456),
    `Activation runs at 1.235 activities a second at most. Set by ann at ${SET_AT}: the campaign`,
  ],
  [
    limitOf(0, governorIdentity('open', null)),
    `Activation is paused. Set by the governor at ${SET_AT}: the campaign`,
  ],
])('a change of the limit is told: %j', (after, words) => {
  const before = limitOf(7)
  expect(changeText({ isChanged: true, before, after })).toBe(words)
  expect(changeText({ isChanged: false, before, after })).toBe(`Nothing was changed. ${words}`)
  const rate = { calls: 100, callsPerActivity: 30 }
  expect(JSON.parse(changeJson({ isChanged: true, before, after }, rate))).toEqual({
    isChanged: true,
    ...rate,
    before: { ...before.limit, setAt: SET_AT },
    after: { ...after.limit, setAt: SET_AT },
  })
})

const waitingOf = (own: object) => ({ ...RUNNING.waiting, events: 5, oldest: SET_AT, ...own })

test.each([
  [{ drainedAt: SET_AT }, {}, `At this rate, what waits for Segment is sent by ${SET_AT}.\n`],
  [
    { drainedAt: SET_AT },
    { laterBatches: 1 },
    `by ${SET_AT}. Events that wait for another event or a period are sent after that.`,
  ],
  [{ state: 'paused' }, {}, 'What waits is sent after: npm run activation -- resume'],
  [{}, { laterBatches: 1 }, 'Nothing waits for Segment.'],
  [{}, { laterBatches: 1, batches: 1 }, 'cannot be estimated now'],
  [{}, { laterBatches: 1, activities: 1 }, 'cannot be estimated now'],
  [{}, {}, 'When what waits will be sent cannot be estimated now.'],
] as const)('when what waits is sent: %j, %j', (own, waiting, words) => {
  expect(textWith({ ...own, waiting: waitingOf(waiting) })).toContain(words)
  expect(textWith({ ...own, waiting: waitingOf({ events: 0 }) })).not.toContain(words)
})

test('the last answers of Segment are told, the failures with how many wait on them', () => {
  const lastAt = new Date(Date.now() - 5 * 60_000 - 10_000).toISOString()
  const failure = (message: string, activities: number) => ({ message, activities, lastAt: null })
  const text = textWith({
    segment: {
      accepted: { lastAt, recentCalls: 1 },
      failures: [failure('answered 503', 2), failure('timeout', 1)],
    },
  })
  expect(text).toContain(
    'the last accepted call was recorded 5m ago, and 1 call in the last 10 minutes.',
  )
  expect(text).toContain('\n2 waiting activities failed last with: answered 503')
  expect(text).toContain('\n1 waiting activity failed last with: timeout')
  expect(textWith({})).toContain('Segment: no accepted call is recorded.')
})

test('who is switched off is told, at most twenty by name', () => {
  const many = Array.from({ length: 22 }, (_, at) => `p${at}`)
  const text = textWith({
    off: { defaults: { activation: true, googleAds: true }, activation: many, googleAds: ['g'] },
  })
  expect(text).toContain('Switched off for partners that do not switch it on.')
  expect(text).toContain('Google Ads is off for partners that do not switch it on.')
  expect(text).toMatch(/\nSwitched off: p0, p1, .*, p19 and 2 more\n/)
  expect(text).toContain('Switched off for Google Ads: g')
  expect(textWith({})).toContain('No partner is switched off.')
})

test('one activity a second is one, and its calls are told where they are known', () => {
  const limit = { ...RUNNING.limit, activitiesPerSecond: 1, callsPerSecond: 123 }
  expect(textWith({ state: 'limited', limit })).toContain(
    'Limit: 1 activity a second, which is some 120 calls a second',
  )
  expect(textWith({ state: 'limited', limit: { ...limit, callsPerSecond: null } })).toMatch(
    /Limit: 1 activity a second\n/,
  )
})
