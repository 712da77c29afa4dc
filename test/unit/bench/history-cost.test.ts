import { expect, test } from '@jest/globals'
import proto from '@temporalio/proto'
import { billedActions } from '../../../bench/history-cost.ts'

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
