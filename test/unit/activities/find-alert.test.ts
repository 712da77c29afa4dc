// When an alert is sent, and from when the next sweep counts.

import { expect, test } from '@jest/globals'
import { createFindAlert } from '../../../activities/sweep/find-alert.ts'

const UNTIL = '2026-11-20T12:00:00.000Z'
const SINCE = '2026-11-20T09:00:00.000Z'
const INTERVAL_AGO = '2026-11-20T11:30:00.000Z'

function find(
  last: { readonly since: string | null; readonly lastAt: string | null },
  { events = 3, webhookUrl = 'http://hook' }: { events?: number; webhookUrl?: string | null } = {},
) {
  const asked: unknown[] = []
  const read = Object(async ({ params }: { params: unknown }) => {
    asked.push(params)
    return [{ partnerId: 'dealer-7', reasons: ['empty'], events, oldest: SINCE }]
  })
  const options = { webhookUrl: webhookUrl ?? undefined, thresholdEvents: 3, intervalMinutes: 30 }
  return { found: createFindAlert(read, options)(last, UNTIL), asked }
}

test('as many events as the threshold are an alert, and the next sweep counts from here', async () => {
  const { found, asked } = find({ since: SINCE, lastAt: null })
  expect(await found).toEqual({ text: expect.stringContaining('3 events'), since: UNTIL })
  expect(asked).toEqual([{ since: new Date(SINCE), until: new Date(UNTIL) }])
})

test('one event fewer is none, and is counted again for an interval', async () => {
  const { found } = find({ since: SINCE, lastAt: null }, { events: 2 })
  expect(await found).toEqual({ text: null, since: INTERVAL_AGO })
})

test('what is counted since less than an interval is counted on from the same time', async () => {
  const since = '2026-11-20T11:45:00.000Z'
  const { found } = find({ since, lastAt: null }, { events: 2 })
  expect(await found).toEqual({ text: null, since })
})

test('the first sweep counts nothing that was before it', async () => {
  const { found, asked } = find({ since: null, lastAt: null })
  expect((await found).since).toBe(UNTIL)
  expect(asked).toEqual([{ since: new Date(UNTIL), until: new Date(UNTIL) }])
})

test.each([
  ['11:30:00.000', true],
  ['11:30:00.001', false],
])('after an alert at %s another may be sent: %p', async (time, isSent) => {
  const { found, asked } = find({ since: SINCE, lastAt: `2026-11-20T${time}Z` })
  const { text, since } = await found
  expect(text !== null).toBe(isSent)
  expect(since).toBe(isSent ? UNTIL : SINCE)
  expect(asked).toHaveLength(isSent ? 1 : 0)
})

test('without a webhook nothing is counted, and one that is set later is not told what is old', async () => {
  const { found, asked } = find({ since: SINCE, lastAt: null }, { webhookUrl: null })
  expect(await found).toEqual({ text: null, since: UNTIL })
  expect(asked).toEqual([])
})
