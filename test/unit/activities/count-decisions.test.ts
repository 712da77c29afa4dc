// What validation decided is counted once for each message, by partners that are known and by reasons.

import { expect, test } from '@jest/globals'
import { activityMetrics } from '#runtime/metrics/groups'
import { NO_PARTNERS } from '#runtime/partners/registry'
import { createCountDecisions } from '../../../activities/count-decisions.ts'
import { createBatchReader } from '../../../activities/read-batch.ts'
import { createValidateEvents } from '../../../activities/validate-events.ts'
import { createThreadMeter } from '../../../workers/isolation/thread-meter.ts'
import { message, purchase } from '../../fixtures/messages.ts'
import { attempt, batchOf } from '../../support/activities.ts'

const KNOWN = { ...NO_PARTNERS, has: (id: string) => id === 'dealer-7' || id.includes('@') }

function start() {
  const { meter, take } = createThreadMeter()
  const count = createCountDecisions(activityMetrics(meter), KNOWN)
  const validate = createValidateEvents(createBatchReader(), count)
  const counted = () =>
    Object.fromEntries(
      take().map(({ name, tags, value }) => [[name, ...Object.values(tags)].join(' '), value]),
    )
  return { run: (batch: Uint8Array) => attempt(validate, [batch]), counted }
}

const from = (partner_id: string) => ({ attributes: { partner_id } })
const at = (publishTime: string) => ({ publishTime })

test('partners that the registry does not name are counted together, so that no sender makes series', async () => {
  const { run, counted } = start()
  const strangers = Array.from({ length: 50 }, (_, index) => message('{', from(`dealer-x${index}`)))
  await run(
    batchOf(
      message(purchase, { ...at('2026-11-20T10:00:00.000000Z'), messageId: '1' }),
      message(purchase, { ...at('2026-11-20T09:00:00.000000Z'), messageId: '2' }),
      message({ ...purchase, amount: -1, order_id: '' }, at('2026-11-20T08:00:00.000000Z')),
      ...strangers,
    ),
  )
  expect(counted()).toEqual({
    'events_decided_total accepted': 1,
    'events_decided_total duplicate': 1,
    'events_decided_total rejected': 50,
    'events_rejected_total amount_not_positive': 1,
    'events_rejected_total order_id_empty': 1,
    'events_rejected_total not_json': 50,
    'partner_events_total dealer-7 accepted': 1,
    'partner_events_total dealer-7 duplicate': 1,
    'partner_events_total dealer-7 rejected': 1,
    'partner_events_total other rejected': 50,
    'partner_rejections_total dealer-7 amount_not_positive': 1,
    'partner_rejections_total dealer-7 order_id_empty': 1,
    'partner_rejections_total other not_json': 50,
    'partner_newest_event_timestamp_seconds dealer-7': Date.parse('2026-11-20T10:00:00Z') / 1000,
    'partner_newest_event_timestamp_seconds other': expect.any(Number),
  })
})

test('the newest event of a partner stays the newest when older ones follow', async () => {
  const { run, counted } = start()
  await run(batchOf(message(purchase, at('2026-11-20T10:00:00.000000Z'))))
  counted()
  await run(batchOf(message(purchase, at('2026-11-20T09:00:00.000000Z'))))
  expect(Object.keys(counted())).not.toContain('partner_newest_event_timestamp_seconds dealer-7')
})

test('a message that was cut into parts counts once', async () => {
  const { run, counted } = start()
  const parts = [0, 1, 2].map((index) => ({ ...message('x'), part: { index, of: 3 } }))
  await run(batchOf(...parts))
  expect(counted()).toMatchObject({
    'events_decided_total rejected': 1,
    'partner_events_total dealer-7 rejected': 1,
  })
})

test('a partner id that is personal is no label', async () => {
  const { run, counted } = start()
  await run(batchOf(message({ ...purchase, partner_id: 'jane.doe@example.com' })))
  expect(JSON.stringify(counted())).not.toContain('jane.doe')
})
