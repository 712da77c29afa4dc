import { expect, test } from '@jest/globals'
import type { Client } from '@temporalio/client'
import proto from '@temporalio/proto'
import { batchCosts, billedActions } from '../../../bench/history-cost.ts'

const { EventType } = proto.temporal.api.enums.v1

const started = { eventType: EventType.EVENT_TYPE_WORKFLOW_EXECUTION_STARTED }
const scheduled = { eventType: EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED }
const localActivity = (workflowTaskCompletedEventId: number) => ({
  eventType: EventType.EVENT_TYPE_MARKER_RECORDED,
  markerRecordedEventAttributes: {
    markerName: 'core_local_activity',
    workflowTaskCompletedEventId: String(workflowTaskCompletedEventId),
  },
})
const attempt = (number: number) => ({
  eventType: EventType.EVENT_TYPE_ACTIVITY_TASK_STARTED,
  activityTaskStartedEventAttributes: { attempt: number },
})

test('local activities of one workflow task are one action', () => {
  const events = [started, localActivity(4), localActivity(4), localActivity(4)]
  expect(billedActions({ events })).toBe(2)
})

test('local activities of two workflow tasks are two actions', () => {
  const events = [started, localActivity(4), localActivity(9)]
  expect(billedActions({ events })).toBe(3)
})

test('an activity is one action, and one more for each retry', () => {
  expect(billedActions({ events: [started, scheduled, attempt(1)] })).toBe(2)
  expect(billedActions({ events: [started, scheduled, attempt(4)] })).toBe(5)
})

test.each([
  ['EVENT_TYPE_TIMER_STARTED', 1],
  ['EVENT_TYPE_UPSERT_WORKFLOW_SEARCH_ATTRIBUTES', 1],
  ['EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED', 1],
  ['EVENT_TYPE_WORKFLOW_EXECUTION_CONTINUED_AS_NEW', 1],
  ['EVENT_TYPE_WORKFLOW_TASK_SCHEDULED', 0],
  ['EVENT_TYPE_ACTIVITY_TASK_COMPLETED', 0],
  ['EVENT_TYPE_TIMER_FIRED', 0],
  ['EVENT_TYPE_MARKER_RECORDED', 0],
  ['EVENT_TYPE_WORKFLOW_EXECUTION_COMPLETED', 0],
] as const)('%s is billed as %d actions', (name, actions) => {
  expect(billedActions({ events: [started, { eventType: EventType[name] }] })).toBe(1 + actions)
})

/** A Temporal whose batches have these many events, a hundred times as many bytes, and three activities more than the one before. */
function temporalWith(counts: readonly number[]) {
  const queries: string[] = []
  const client: Client = Object({
    workflow: {
      async *list({ query }: { query: string }) {
        queries.push(query)
        for (const [i, count] of counts.entries())
          yield { workflowId: String(i), searchAttributes: { EventCount: [count] } }
      },
      getHandle: (id: string) => ({
        fetchHistory: async () => ({
          events: [started, ...Array.from({ length: 3 * Number(id) }, () => scheduled)],
        }),
        describe: async () => ({
          raw: {
            workflowExecutionInfo: { historySizeBytes: String(100 * (counts[Number(id)] ?? 0)) },
          },
        }),
      }),
    },
  })
  return { client, queries }
}

test('what a batch costs are the medians of fifteen batches that completed', async () => {
  const { client, queries } = temporalWith([1, 2_000, 1_500, ...Array<number>(12).fill(7), 9, 9])
  expect(await batchCosts(client, 'q')).toEqual({ events: 7, historyBytes: 700, actions: 22 })
  expect(queries).toEqual([
    "WorkflowType = 'processBatch' AND TaskQueue = 'q' AND ExecutionStatus = 'Completed'",
  ])
  const few = temporalWith([2_000, 1_000, 1_500])
  expect(await batchCosts(few.client, 'q')).toEqual({
    events: 1_500,
    historyBytes: 150_000,
    actions: 4,
  })
})
