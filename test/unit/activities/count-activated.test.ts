// What an attempt of activation counts: every event by its outcome, and nothing twice. When what waits is looked at again.

import { afterEach, expect, jest, test } from '@jest/globals'
import { type OrderFacts, orderKeyOf } from '#activation/order/facts'
import type { Segment } from '#activation/segment/segment'
import { activityMetrics } from '#runtime/metrics/groups'
import { NO_PARTNERS } from '#runtime/partners/registry'
import { STANDARD_PARTNER } from '#runtime/partners/settings'
import { createActivateWaiting } from '../../../activities/activate-waiting.ts'
import {
  type ActivationDependencies,
  createActivate,
} from '../../../activities/activation/activate.ts'
import { acceptedOf, createBatchReader, readEach } from '../../../activities/read-batch.ts'
import { createThreadMeter } from '../../../workers/isolation/thread-meter.ts'
import { cancellation, message, purchase } from '../../fixtures/messages.ts'
import { acceptedEvent, stagedVersion } from '../../support/accepted-event.ts'
import {
  attempt,
  batchOf,
  metrics,
  NO_GOVERNOR,
  NO_OPEN_RUNS,
  NO_ORDERS,
  RULES,
  recordingWarehouse,
} from '../../support/activities.ts'
import { accepted, bought } from '../../support/orders.ts'

const refuses = (text: string): Segment => ({
  deliver: async (calls) =>
    calls.some(({ json }) => json.includes(text)) ? { status: 400 } : null,
})
const DOWN: Segment = { deliver: async () => ({ status: 503 }) }

const order = (order_id: string, more: object = {}) => message({ ...purchase, order_id, ...more })
const tooOld = { timestamp: '2026-07-01T00:00:00Z' }
const EVENTS = [
  order('good-1', { phone: '0151', gclid: '{gclid}' }),
  order('good-2', { phone: '0152' }),
  order('good-3'),
  order('bad'),
  order('old-1', tooOld),
  order('old-2', tooOld),
  message({ ...cancellation, order_id: 'waiting-1' }),
  message({ ...cancellation, order_id: 'waiting-2' }),
  message({ ...cancellation, order_id: 'waiting-3' }),
  message({ ...cancellation, order_id: 'waiting-4' }),
]

const OF_OUTCOMES = /^(segment_calls|events_activated|activation_identifiers_omitted)_total$/

async function countedBy(segment: Segment, run: { takesCancellations: boolean }) {
  const { meter, take } = createThreadMeter()
  const activate = createActivate({
    segment,
    warehouse: recordingWarehouse().warehouse,
    lookUp: NO_ORDERS,
    findOpenRuns: NO_OPEN_RUNS,
    rules: RULES,
    governor: NO_GOVERNOR,
    metrics: activityMetrics(meter),
  })
  const { events } = acceptedOf(readEach(EVENTS), [])
  const options = { batchId: 'batch', recordsWaiting: false, countsVersions: false, ...run }
  await attempt(activate, [events, options]).catch(() => null)
  const counts: Record<string, number> = {}
  for (const { name, tags, value } of take()) {
    const key = [name, ...Object.values(tags)].join(' ')
    if (value !== 0 && OF_OUTCOMES.test(name)) counts[key] = (counts[key] ?? 0) + value
  }
  return counts
}

const COUNTED = {
  'segment_calls_total accepted': 3,
  'segment_calls_total failed': 1,
  'events_activated_total accepted': 3,
  'events_activated_total not_activated': 2,
  'events_activated_total failed': 1,
  'activation_identifiers_omitted_total gclid template': 1,
  'activation_identifiers_omitted_total phone country_unknown': 2,
}

test('the first pass counts every event by its outcome, those that wait too', async () => {
  expect(await countedBy(refuses('bad'), { takesCancellations: false })).toEqual({
    ...COUNTED,
    'events_activated_total waiting': 4,
  })
})

test('later passes count the final outcomes, and no event again that waits', async () => {
  expect(await countedBy(refuses('bad'), { takesCancellations: true })).toEqual(COUNTED)
})

test('an attempt that fails counts nothing, since the next one does', async () => {
  expect(await countedBy(DOWN, { takesCancellations: false })).toEqual({})
})

afterEach(() => void jest.restoreAllMocks())

/** One attempt to activate a batch of events that wait, of a partner whose purchases wait for two hours. */
function activateWaiting(
  batch: Uint8Array,
  now: string,
  parts: Partial<ActivationDependencies> = {},
) {
  jest.spyOn(Date, 'now').mockReturnValue(Date.parse(now))
  const activation = { ...STANDARD_PARTNER.activation, coolingOffHours: 2 }
  const partners = { ...NO_PARTNERS, of: () => ({ ...STANDARD_PARTNER, activation }) }
  const { warehouse, of } = recordingWarehouse()
  const activate = createActivate({
    segment: refuses('nothing'),
    warehouse,
    lookUp: NO_ORDERS,
    findOpenRuns: NO_OPEN_RUNS,
    rules: { ...RULES, partners },
    governor: NO_GOVERNOR,
    metrics,
    ...parts,
  })
  const waiting = createActivateWaiting(createBatchReader(), activate)
  const run = (isFirst: boolean) =>
    attempt(waiting, [batch, { batchId: 'batch/later-1', skip: [], isFirst }])
  return { run, recorded: () => of('activation_log').map(({ outcome }) => outcome) }
}

const publishedAt = (time: string) => ({ publishTime: `2026-11-20T${time}Z` })
const COOLING = batchOf(
  message({ ...purchase, order_id: 'c1' }, publishedAt('10:00:00.000000')),
  message({ ...purchase, order_id: 'c2' }, publishedAt('09:00:00.000000')),
  message({ ...purchase, order_id: 'c3' }, publishedAt('07:30:00.000000')),
  message({ ...cancellation, order_id: 'c4' }, publishedAt('10:00:00.000000')),
)

test.each([
  ['ten minutes before', '2026-11-20T10:50:00.000Z', 600],
  ['a moment less than ten minutes before', '2026-11-20T10:50:00.001Z', 600],
  ['a moment more than ten minutes before', '2026-11-20T10:49:59.999Z', 601],
  ['at the last moment before', '2026-11-20T10:59:59.999Z', 1],
])(
  '%s the end of a cooling-off period, the next attempt is after the end, and before the next second of it is over',
  async (_, now, dueInSeconds) => {
    const { run } = activateWaiting(COOLING, now)
    const result = { accepted: 1, notActivated: 0, failed: [], settled: [2] }
    expect(await run(true)).toEqual({ ...result, waiting: 3, coolingOff: 2, dueInSeconds })
  },
)

test('at the end of the cooling-off period a purchase is sent', async () => {
  const { run } = activateWaiting(COOLING, '2026-11-20T11:00:00.000Z')
  const result = { accepted: 2, settled: [1, 2], waiting: 2, coolingOff: 1 }
  expect(await run(true)).toMatchObject({ ...result, dueInSeconds: 3600 })
})

test('no attempt is due where nothing cools off', async () => {
  const { run } = activateWaiting(COOLING, '2026-11-20T12:00:00.000Z')
  const result = { accepted: 3, settled: [0, 1, 2], waiting: 1, coolingOff: 0 }
  expect(await run(true)).toMatchObject({ ...result, dueInSeconds: null })
})

test.each([
  ['the first attempt', true, ['sending', 'accepted', 'waiting', 'waiting', 'waiting']],
  ['a later attempt', false, ['sending', 'accepted']],
])('%s records what still waits: %p', async (_, isFirst, outcomes) => {
  const { run, recorded } = activateWaiting(COOLING, '2026-11-20T10:50:00.000Z')
  await run(isFirst)
  expect(recorded()).toEqual(outcomes)
})

const lookUpOf = (orderId: string, facts: OrderFacts) => async () =>
  new Map([[orderKeyOf({ partnerId: 'dealer-7', orderId }), facts]])

test('a cancellation that has waited is sent once Segment has accepted its purchase', async () => {
  const told = accepted(bought({ order_id: 'c4', customer_id: cancellation.customer_id }))
  const lookUp = lookUpOf('c4', { staged: [], logged: [told] })
  const batch = batchOf(message({ ...cancellation, order_id: 'c4' }))
  const { run, recorded } = activateWaiting(batch, '2026-11-20T12:00:00.000Z', { lookUp })
  const done = { accepted: 1, waiting: 0, settled: [0], coolingOff: 0, dueInSeconds: null }
  expect(await run(false)).toMatchObject(done)
  expect(recorded()).toEqual(['sending', 'accepted'])
})

test('a run that staged an event of the order long ago is asked about, and waited for while it is open', async () => {
  const ago = { publishTime: '2026-10-01T10:00:00.000000Z', runId: 'batch-ago' }
  const earlier = stagedVersion({ ...bought({ order_id: 'o1', event_id: 'p0' }), ...ago })
  const lookUp = lookUpOf('o1', { staged: [earlier], logged: [] })
  const batch = batchOf(message({ ...purchase, order_id: 'o1' }))
  const asked: unknown[] = []
  const outcomeWhere = (isOpen: boolean) => {
    const findOpenRuns: ActivationDependencies['findOpenRuns'] = async (runs) => {
      asked.push([...runs])
      return isOpen ? runs : new Set()
    }
    return activateWaiting(batch, '2026-11-20T12:00:00.000Z', { lookUp, findOpenRuns }).run(false)
  }
  expect(await outcomeWhere(true)).toMatchObject({ accepted: 0, waiting: 1, settled: [] })
  expect(await outcomeWhere(false)).toMatchObject({ accepted: 1, waiting: 0, settled: [0] })
  expect(asked).toEqual([['batch-ago'], ['batch-ago']])
})

test('an event that has waited is no repeat again: it was counted with its batch', async () => {
  const event = { ...cancellation, order_id: 'c4' }
  const before = { publishTime: '2026-11-20T09:00:00.000000Z', runId: 'batch-0', messageId: 'm0' }
  const earlier = stagedVersion({ ...before, event: acceptedEvent(event) })
  const lookUp = lookUpOf('c4', { staged: [earlier], logged: [] })
  const { meter, take } = createThreadMeter()
  const parts = { lookUp, metrics: activityMetrics(meter) }
  await activateWaiting(batchOf(message(event)), '2026-11-20T12:00:00.000Z', parts).run(false)
  expect(take().filter(({ name }) => name.startsWith('events_decided'))).toEqual([])
})
