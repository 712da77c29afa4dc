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
import { freePort, saysReady } from '../probes.ts'
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

/** With the host:port at which each process serves Prometheus. */
export type MeasuredPipeline = Pipeline & { readonly metrics: Readonly<Record<MainName, string>> }

const MAINS = { worker: 'workers/main.ts', bridge: 'bridge/main.ts' } as const

type MainName = keyof typeof MAINS

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
export async function startPipeline(onRestart: OnRestart = () => {}): Promise<MeasuredPipeline> {
  await refuseSecond()
  await noteStartingStack()
  try {
    return await startWithEmptyTables(onRestart)
  } finally {
    await forgetStartingStack()
  }
}

async function startWithEmptyTables(onRestart: OnRestart): Promise<MeasuredPipeline> {
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
    const metrics = { worker: await localAddress(), bridge: await localAddress() }
    const processes = await withProgress(onProgress, 'starting worker and bridge', () =>
      startProcesses({ env: { ...LOCAL, ...stack.env }, logDir: stack.logDir, metrics, onRestart }),
    )
    const temporal = await connectClient()
    const stop = async () => {
      await Promise.all(processes.map((one) => one.stop()))
      await temporal.connection.close()
      await stack.stop()
    }
    return { stack, config, bigquery: createBigQuery(config), temporal, metrics, stop }
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

const localAddress = async () => `127.0.0.1:${await freePort()}`

type Processes = Pick<MeasuredPipeline, 'metrics'> & {
  readonly env: Readonly<Record<string, string>>
  readonly logDir: string
  readonly onRestart: OnRestart
}

/** Starts both or none. */
async function startProcesses({ env, logDir, metrics, onRestart }: Processes) {
  const start = (name: MainName) => {
    const own = { ...env, METRICS_ADDRESS: metrics[name] }
    const command = nodeCommand(MAINS[name])
    const spec = { name, command, logDir, env: own, ready: saysReady, readyWithinMs: 60_000 }
    return supervise(spec, onRestart)
  }
  const starts = [start('worker'), start('bridge')]
  const results = await Promise.allSettled(starts)
  const started = results.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
  const failure = results.find((one) => one.status === 'rejected')
  if (!failure) return started
  await Promise.all(started.map((one) => one.stop()))
  throw failure.reason
}
