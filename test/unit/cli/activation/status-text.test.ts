// The state of activation as a person reads it: what holds it up, who set that, what waits, and when it ends.

import { expect, test } from '@jest/globals'
import type { ActivationStatus } from '#operations/activation/status'
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
