// Whether a worker polls a task queue.

import type { Client } from '@temporalio/client'
import proto from '@temporalio/proto'
import { wallClockMs } from './clock.ts'

const { TASK_QUEUE_TYPE_WORKFLOW, TASK_QUEUE_TYPE_ACTIVITY } =
  proto.temporal.api.enums.v1.TaskQueueType

/** A worker that polls comes back within a minute. */
const POLLED_WITHIN_MS = 70_000

/** @param tasks which tasks of the queue a worker should take */
export async function isServed(
  client: Client,
  taskQueue: string,
  tasks: 'workflows' | 'activities',
): Promise<boolean> {
  const { pollers } = await client.workflowService.describeTaskQueue({
    namespace: client.options.namespace,
    taskQueue: { name: taskQueue },
    taskQueueType: tasks === 'workflows' ? TASK_QUEUE_TYPE_WORKFLOW : TASK_QUEUE_TYPE_ACTIVITY,
  })
  return pollers.some(
    ({ lastAccessTime }) =>
      wallClockMs() - Number(lastAccessTime?.seconds ?? 0) * 1000 < POLLED_WITHIN_MS,
  )
}
