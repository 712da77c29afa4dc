// What waits for Segment: which runs are counted, how far back the tables are read, and how many calls an activity makes.

import { expect, test } from '@jest/globals'
import type { Client } from '@temporalio/client'
import {
  callsPerActivity,
  countWaitingRuns,
  daysToRead,
  readWaitingEvents,
} from '#operations/activation/waiting'
import type { Reader } from '#warehouse/read'

const BATCHES =
  "WorkflowType = 'processBatch' AND ExecutionStatus = 'Running' AND Stage = 'activation'"
const LATER = "WorkflowType = 'activateLater' AND ExecutionStatus = 'Running'"

function counting(count: (query: string) => number) {
  const asked: string[] = []
  const client: Client = Object({
    workflow: {
      count: async (query: string) => {
        asked.push(query)
        return { count: count(query) }
      },
    },
  })
  return { client, asked }
}

/** A reader that answers every statement with the same rows. */
const reading = (...rows: readonly object[]): Reader => Object(async () => rows)

test('batches that wait are those that run, and orders that wait are counted apart', async () => {
  const { client, asked } = counting((query) => (query === BATCHES ? 3 : 5))
  expect(await countWaitingRuns(client)).toEqual({ batches: 3, laterBatches: 5 })
  expect(asked).toEqual([BATCHES, LATER])
})

const DAY_MS = 24 * 60 * 60 * 1000

test('the tables are read for twice as many days until no batch is older', async () => {
  let older = 2
  const { client, asked } = counting(() => older--)
  expect(await daysToRead(client, 7)).toBe(28)
  const starts = asked.map((query) => {
    const [, before = '', start = ''] = /^(.*) AND StartTime < '(.*)'$/.exec(query) ?? []
    expect(before).toBe(BATCHES)
    return Math.round((Date.now() - Date.parse(start)) / DAY_MS)
  })
  expect(starts).toEqual([7, 14, 28])
})

test('they are not read for longer than BigQuery takes events', async () => {
  const { client, asked } = counting(() => 1)
  expect(await daysToRead(client, 1_825)).toBe(1_825)
  expect(asked).toEqual([])
})

test('events that wait are summed over the partners, and the oldest is that of all', async () => {
  const rows = [
    { partner_id: 'dealer-7', events: 5, oldest: '2026-11-20T10:00:00.000000Z' },
    { partner_id: 'dealer-8', events: 2, oldest: '2026-11-19T10:00:00.000000Z' },
  ]
  expect(await readWaitingEvents(reading(...rows), 7)).toEqual({
    events: 7,
    oldest: '2026-11-19T10:00:00.000000Z',
    partners: rows.map(({ partner_id, ...rest }) => ({ partner: partner_id, ...rest })),
  })
  expect(await readWaitingEvents(reading(), 7)).toEqual({ events: 0, oldest: null, partners: [] })
})

test.each([
  { events: 30, activities: 10, calls: 3 },
  { events: 10, activities: 10, calls: 1 },
  // Few activities, or fewer events than activities, say nothing: the last batches do.
  { events: 90, activities: 9, calls: 40 },
  { events: 9, activities: 10, calls: 40 },
  { events: 0, activities: 0, calls: 40 },
])(
  '$events events in $activities activities: $calls calls',
  async ({ events, activities, calls }) => {
    expect(await callsPerActivity(reading({ calls: 40 }), { events }, activities, 7)).toBe(calls)
  },
)

test('the calls of an activity are unknown where there was none', async () => {
  expect(await callsPerActivity(reading(), { events: 0 }, 0, 7)).toBeNull()
  expect(await callsPerActivity(reading({ calls: null }), { events: 0 }, 0, 7)).toBeNull()
})
