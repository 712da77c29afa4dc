// Starts the local stack, sets it up and runs bridge and worker as processes of their own.

import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { BigQuery } from '@google-cloud/bigquery'
import type { Client } from '@temporalio/client'
import { setUp } from '#operations/setup/setup'
import { type CliConfig, cliConfig, readConfig } from '#runtime/config'
import { UsageError } from '#runtime/errors'
import { connectClient } from '#runtime/temporal'
import { createBigQuery } from '#warehouse/client'
import { stackDir } from '../paths.ts'
import { saysReady } from '../probes.ts'
import { nodeCommand, startProcess } from '../process.ts'
import { progressLines, withProgress } from '../progress.ts'
import { readRunningStack } from '../running-stack.ts'
import { type Stack, startStack } from '../stack.ts'
import { forgetStartingStack, noteStartingStack } from '../starting-stack.ts'
import { type Restart, supervise } from '../supervise.ts'
import { WITNESS_SUBSCRIPTIONS } from './witness.ts'

export type Pipeline = {
  readonly stack: Stack
  readonly config: CliConfig
  readonly bigquery: BigQuery
  readonly temporal: Client
  readonly stop: () => Promise<void>
}

type OnRestart = (restart: Restart) => void

/** What an earlier demo left: this one starts with empty tables and no workflows. */
const DATA_FILES = [
  'bigquery.duckdb',
  'bigquery.duckdb.wal',
  'temporal.db',
  'temporal.db-shm',
  'temporal.db-wal',
]

/** Bundled once, while the servers start: a worker that is killed and started again then needs a second, not ten. */
const WORKFLOW_BUNDLE = join(stackDir, 'workflow-bundle.js')

const LOCAL = { SEGMENT_WRITE_KEY: 'demo', GOOGLE_CLOUD_PROJECT: 'local', WORKFLOW_BUNDLE }

/**
 * @param onRestart told of each restart of a bridge or worker that ended unasked
 * @throws UsageError where a demo runs already
 * @throws MissingToolError of the local stack; whatever was started is stopped then
 */
export async function startPipeline(onRestart: OnRestart = () => {}): Promise<Pipeline> {
  await refuseSecond()
  await noteStartingStack()
  try {
    return await startWithEmptyTables(onRestart)
  } finally {
    await forgetStartingStack()
  }
}

async function startWithEmptyTables(onRestart: OnRestart): Promise<Pipeline> {
  const onProgress = progressLines()
  await Promise.all(DATA_FILES.map((file) => rm(join(stackDir, file), { force: true })))
  const bundling = bundleWorkflows()
  // Awaited below; a stack that fails first must not leave this rejection unhandled.
  bundling.catch(() => {})
  const stack = await startStack({ dataDir: stackDir, announce: true, onProgress })
  try {
    await withProgress(onProgress, 'bundling workflows', () => bundling)
    const environment = { ...process.env, ...LOCAL, ...stack.env }
    Object.assign(process.env, environment)
    const config = readConfig(cliConfig, environment)
    await withProgress(onProgress, 'creating topics, tables and search attributes', () =>
      setUp(config, { extraSubscriptions: WITNESS_SUBSCRIPTIONS }),
    )
    const processes = await withProgress(onProgress, 'starting worker and bridge', () =>
      startProcesses({ ...LOCAL, ...stack.env }, stack.logDir, onRestart),
    )
    const temporal = await connectClient()
    const stop = async () => {
      await Promise.all(processes.map((one) => one.stop()))
      await temporal.connection.close()
      await stack.stop()
    }
    return { stack, config, bigquery: createBigQuery(config), temporal, stop }
  } catch (error) {
    await stack.stop()
    throw error
  }
}

async function bundleWorkflows(): Promise<void> {
  const builder = await startProcess({
    name: 'bundle',
    command: nodeCommand('workers/build-workflow-bundle.ts', WORKFLOW_BUNDLE),
    logDir: join(stackDir, 'logs'),
  })
  const { code } = await builder.exited
  if (code !== 0) throw new Error(`The workflows cannot be bundled: see ${builder.logFile}`)
}

async function refuseSecond(): Promise<void> {
  const running = await readRunningStack()
  if (!running) return
  throw new UsageError(
    `A local stack runs already, in process ${running.pid}: use it (npm run send), or stop it first.`,
  )
}

/** Starts both or none. */
async function startProcesses(
  env: Readonly<Record<string, string>>,
  logDir: string,
  onRestart: OnRestart,
) {
  const start = (name: string, main: string) =>
    supervise(
      { name, command: nodeCommand(main), logDir, env, ready: saysReady, readyWithinMs: 60_000 },
      onRestart,
    )
  const starts = [start('worker', 'workers/main.ts'), start('bridge', 'bridge/main.ts')]
  const results = await Promise.allSettled(starts)
  const started = results.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
  const failure = results.find((one) => one.status === 'rejected')
  if (!failure) return started
  await Promise.all(started.map((one) => one.stop()))
  throw failure.reason
}
