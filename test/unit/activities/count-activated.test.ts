// What an attempt of activation counts: every event by its outcome, and nothing twice.

import { expect, test } from '@jest/globals'
import type { Segment } from '#activation/segment/segment'
import { activityMetrics } from '#runtime/metrics/groups'
import { createActivate } from '../../../activities/activation/activate.ts'
import { acceptedOf, readEach } from '../../../activities/read-batch.ts'
import { createThreadMeter } from '../../../workers/isolation/thread-meter.ts'
import { cancellation, message, purchase } from '../../fixtures/messages.ts'
import {
  attempt,
  NO_GOVERNOR,
  NO_OPEN_RUNS,
  NO_ORDERS,
  RULES,
  recordingWarehouse,
} from '../../support/activities.ts'

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
