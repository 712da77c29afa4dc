// People are told of a flood of dead letters: once, all of it, and later where the webhook is down.

import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { type Client, ScheduleOverlapPolicy } from '@temporalio/client'
import { SWEEP_SCHEDULE, type SweepResult } from '#contracts'
import { setUpSchedule } from '#operations/setup/schedule'
import { createInsertAllWarehouse } from '#warehouse/insert-all'
import { createRecordDeadLetter } from '../../../activities/record-dead-letter.ts'
import { attempt, metrics } from '../../support/activities.ts'
import { useStackWithTables } from '../../support/stack.ts'
import { letterOf, useSweep } from '../../support/sweep.ts'
import { waitFor } from '../../support/wait-for.ts'
import { startWebhook, type Webhook } from '../../support/webhook.ts'

let webhook: Webhook
beforeAll(async () => {
  webhook = await startWebhook()
})
afterAll(() => webhook.close())

const stack = useStackWithTables('temporal', 'bigquery')
const alert = () => ({ webhookUrl: webhook.url, thresholdEvents: 3, intervalMinutes: 30 })
const { activities, bigquery, client, counted, taskQueue } = useSweep(stack, alert)

const MINUTE_MS = 60_000
const inMinutes = (minutes: number) => new Date(Date.now() + minutes * MINUTE_MS).toISOString()

let count = 0
async function open(events: number, words: Parameters<typeof letterOf>[1] = {}): Promise<void> {
  const ids = Array.from({ length: events }, () => `a${(count += 1)}`)
  const letter = letterOf(ids, words)
  const record = createRecordDeadLetter(createInsertAllWarehouse(bigquery()), metrics)
  await attempt(record, [`dead-letter/${letter.batchId}/x/staging`, letter])
}

const findFlood = (since: string, until: string, lastAt: string | null = null) =>
  attempt(activities(client(), alert()).findFlood, [{ since, lastAt }, until])

test('one message names every partner and reason past the threshold, and nothing personal', async () => {
  const since = inMinutes(0)
  await open(4, { partnerId: 'dealer-1', reasons: ['amount_not_a_number', 'order_id_empty'] })
  await open(1, { partnerId: 'dealer-1', reasons: ['amount_not_a_number'] })
  await open(2, { partnerId: 'dealer-2', reasons: ['timestamp_in_future'] })
  await open(2, { partnerId: 'dealer-3', reasons: ['timestamp_in_future'] })
  await open(3, { partnerId: 'jane@example.com', reasons: ['not_json'] })
  await open(1, { partnerId: 'dealer-4', reasons: ['not_utf8'] })
  const { text } = await findFlood(since, inMinutes(1))
  expect(text?.split('\n')).toEqual([
    expect.stringMatching(
      /^\*Dead letters: failed events since \d{4}-\d\d-\d\d \d\d:\d\d UTC\.\* Nothing is lost: they wait for a decision\.$/,
    ),
    '• `dealer-1`: 5 events, amount_not_a_number (5), order_id_empty (4): `npm run dlq -- list --open --partner dealer-1`',
    expect.stringMatching(/^• `hidden-[0-9a-f]{8}`: 3 events, not_json \(3\)$/),
    '• `timestamp_in_future`: 4 events of 2 partners: `npm run dlq -- list --open --reason timestamp_in_future`',
    'All that is open: `npm run dlq -- summary`',
  ])
})

test('too few are not told, and count on for one interval', async () => {
  const since = inMinutes(0)
  await open(2, { partnerId: 'dealer-5', reasons: ['empty'] })
  const early = inMinutes(1)
  expect(await findFlood(since, early)).toEqual({ text: null, since })
  const late = inMinutes(40)
  expect(await findFlood(since, late)).toEqual({
    text: null,
    since: new Date(Date.parse(late) - 30 * MINUTE_MS).toISOString(),
  })
})

test('within the interval nothing is told, and nothing forgotten', async () => {
  const since = inMinutes(0)
  await open(3, { partnerId: 'dealer-6', reasons: ['empty'] })
  const lastAt = inMinutes(0)
  expect(await findFlood(since, inMinutes(29), lastAt)).toEqual({ text: null, since })
  const after = await findFlood(since, inMinutes(31), lastAt)
  expect(after.text).toContain('`dealer-6`: 3 events')
})

test('events that waited in Pub/Sub for a month are told as well', async () => {
  const since = inMinutes(0)
  const letter = letterOf(['m1', 'm2', 'm3'], { partnerId: 'dealer-8', reasons: ['empty'] })
  const publishTime = inMinutes(-31 * 24 * 60)
  const old = { ...letter, events: letter.events.map((event) => ({ ...event, publishTime })) }
  const record = createRecordDeadLetter(createInsertAllWarehouse(bigquery()), metrics)
  await attempt(record, [`dead-letter/${old.batchId}/x/staging`, old])
  expect((await findFlood(since, inMinutes(1))).text).toContain('`dealer-8`: 3 events')
})

/** Starts the sweep as its schedule does, and waits for its end. */
async function sweepBySchedule(temporal: Client): Promise<SweepResult> {
  const handle = temporal.schedule.getHandle(SWEEP_SCHEDULE)
  const before = await handle.describe()
  // As it does by itself: with another policy it would hand on no result.
  await handle.trigger(ScheduleOverlapPolicy.SKIP)
  const run = await waitFor(
    async () => {
      const { info } = await handle.describe()
      const [latest] = info.recentActions.slice(before.info.recentActions.length)
      return latest?.action.workflow
    },
    'the schedule to start a sweep',
    30_000,
  )
  return temporal.workflow.getHandle(run.workflowId, run.firstExecutionRunId).result()
}

test('by the schedule: a webhook that is down is asked again by the next sweep, and then at most once an interval', async () => {
  expect(
    await setUpSchedule(client(), { taskQueue, everyMinutes: 1440, settledSeconds: 0 }),
  ).toEqual({
    kind: 'schedule',
    name: 'dead-letter-sweep',
    did: 'created',
  })
  const first = await sweepBySchedule(client())
  expect(first).toMatchObject({ isAlertSent: false, failed: [], alert: { lastAt: null } })
  const { since } = first.alert

  webhook.fail(503)
  await open(3, { partnerId: 'dealer-9', reasons: ['not_json'] })
  const down = await sweepBySchedule(client())
  expect(down).toMatchObject({
    isAlertSent: false,
    alert: { since, lastAt: null },
    failed: ['postAlert: The alert webhook: answered 503'],
  })
  expect(webhook.requests()).toBe(4)
  expect(JSON.stringify(down)).not.toContain('secret')

  webhook.fail()
  await open(1, { partnerId: 'dealer-9', reasons: ['empty'] })
  const up = await sweepBySchedule(client())
  expect(up).toMatchObject({ isAlertSent: true, failed: [] })
  expect(webhook.taken).toEqual([
    expect.stringContaining('`dealer-9`: 4 events, not_json (3), empty (1)'),
  ])

  await open(5, { partnerId: 'dealer-9', reasons: ['not_json'] })
  const soon = await sweepBySchedule(client())
  expect(soon).toMatchObject({ isAlertSent: false, alert: up.alert })
  expect(webhook.taken).toHaveLength(1)
  expect(counted('dead_letter_alerts_total')).toMatchObject([{ value: 1 }])
}, 180_000)
