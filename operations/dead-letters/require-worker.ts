// Makes sure that a run that is started does not wait for a worker.

import type { Client } from '@temporalio/client'
import { isServed } from '#runtime/task-queue-pollers'
import { OperationError } from '../errors.ts'

/** @throws OperationError `worker_missing` where no worker has polled the queue lately */
export async function requireWorker(client: Client, taskQueue: string): Promise<void> {
  if (!(await isServed(client, taskQueue, 'workflows')))
    throw new OperationError('worker_missing', { taskQueue })
}
