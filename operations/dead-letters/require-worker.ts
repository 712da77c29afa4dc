// Makes sure that a run that is started does not wait for a worker.

import type { Client } from '@temporalio/client'
import proto from '@temporalio/proto'
import { wallClockMs } from '#runtime/clock'
import { OperationError } from '../errors.ts'

/** A worker that polls comes back within a minute. */
const POLLED_WITHIN_MS = 70_000

const { TaskQueueType } = proto.temporal.api.enums.v1

/** @throws OperationError `worker_missing` where no worker has polled the queue lately */
export async function requireWorker(client: Client, taskQueue: string): Promise<void> {
  const { pollers } = await client.workflowService.describeTaskQueue({
    namespace: client.options.namespace,
    taskQueue: { name: taskQueue },
    taskQueueType: TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW,
  })
  const isServed = pollers.some(
    ({ lastAccessTime }) =>
      wallClockMs() - Number(lastAccessTime?.seconds ?? 0) * 1000 < POLLED_WITHIN_MS,
  )
  if (!isServed) throw new OperationError('worker_missing', { taskQueue })
}
