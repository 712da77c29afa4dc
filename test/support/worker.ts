// Workers for tests of what a whole pipeline left behind: as a process of its own, or inside the process of the test.

import type { Client } from '@temporalio/client'
import { Worker } from '@temporalio/worker'
import { setUpSearchAttributes } from '#operations/setup/search-attributes'
import { setUpTables } from '#operations/setup/tables'
import { readConfig, workerConfig } from '#runtime/config'
import { connectClient, connectWorker } from '#runtime/temporal'
import type { RunningProcess } from '../../deploy/local/process.ts'
import type { Stack } from '../../deploy/local/stack.ts'
import { connectActivities } from '../../workers/connect-activities.ts'
import { activationWorkerOptions, workerOptions } from '../../workers/options.ts'
import { startMain } from './main-process.ts'
import { bigqueryAt } from './parts.ts'
import { installQuietRuntime, workflowBundle } from './workflows.ts'

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

/** What Temporal and BigQuery need before a worker can serve batches; the caller closes the client's connection. */
export async function connectWithTables(bigqueryUrl: string): Promise<Client> {
  const client = await connectClient()
  await setUpSearchAttributes(client)
  await setUpTables(bigqueryAt(bigqueryUrl), 'EU')
  return client
}

export type TestWorker = { readonly stop: () => Promise<void> }

/**
 * A worker with its client, tables and search attributes, inside the process of the test: the workflows and activities
 * of production without the threads that isolate activities. The caller stops it and closes the client's connection.
 */
export async function startWorkerWithTables(
  { env, bigquery }: Stack<'temporal' | 'bigquery'>,
  taskQueue: string,
): Promise<{ readonly client: Client; readonly worker: TestWorker }> {
  installQuietRuntime()
  Object.assign(process.env, { SEGMENT_WRITE_KEY: 'test', TEMPORAL_TASK_QUEUE: taskQueue })
  const client = await connectWithTables(bigquery.url)
  const config = readConfig(workerConfig, { ...process.env, ...env })
  const { activities, close } = await connectActivities()
  const { workflowsPath: _source, ...options } = workerOptions(config)
  const connected = { ...(await connectWorker()), activities }
  const workers = await Promise.all([
    Worker.create({ ...options, ...connected, workflowBundle: workflowBundle() }),
    Worker.create({ ...activationWorkerOptions(config), ...connected }),
  ])
  const running = Promise.all(workers.map((worker) => worker.run()))
  const stop = async () => {
    for (const worker of workers) worker.shutdown()
    await running
    await close()
    await connected.connection.close()
  }
  return { client, worker: { stop } }
}
