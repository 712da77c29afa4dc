// A worker as a process of its own, for tests of what a whole pipeline left behind.

import type { Client } from '@temporalio/client'
import { setUpSearchAttributes } from '#operations/setup/search-attributes'
import { setUpTables } from '#operations/setup/tables'
import { connectClient } from '#runtime/temporal'
import type { RunningProcess } from '../../deploy/local/process.ts'
import type { Stack } from '../../deploy/local/stack.ts'
import { startMain } from './main-process.ts'
import { bigqueryAt } from './parts.ts'

/**
 * @param env of the stack it works for
 * @param own what sets this worker apart
 */
export function startWorker(
  env: Readonly<Record<string, string>>,
  logDir: string,
  taskQueue: string,
  own: Readonly<Record<string, string>> = {},
): Promise<RunningProcess> {
  return startMain('worker', logDir, {
    ...env,
    GOOGLE_CLOUD_PROJECT: 'local',
    SEGMENT_WRITE_KEY: 'test',
    TEMPORAL_TASK_QUEUE: taskQueue,
    ...own,
  })
}

/**
 * A worker, and all it needs of Temporal and BigQuery beforehand; the caller stops it and closes the client's connection.
 * @param own what sets this worker apart
 */
export async function startWorkerWithTables(
  { env, logDir, bigquery }: Stack<'temporal' | 'bigquery'>,
  taskQueue: string,
  own: Readonly<Record<string, string>> = {},
): Promise<{ readonly client: Client; readonly worker: RunningProcess }> {
  const client = await connectClient()
  await setUpSearchAttributes(client)
  await setUpTables(bigqueryAt(bigquery.url), 'EU')
  return { client, worker: await startWorker(env, logDir, taskQueue, own) }
}
