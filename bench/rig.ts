// The bench's own stack: a real Temporal server, a full subscription, sinks that count, and the processes measured.

import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Client } from '@temporalio/client'
import { setUpSearchAttributes } from '#operations/setup/search-attributes'
import { connectClient } from '#runtime/temporal'
import { saysReady } from '../deploy/local/probes.ts'
import { nodeCommand, type RunningProcess, startProcess } from '../deploy/local/process.ts'
import { progressLines } from '../deploy/local/progress.ts'
import { startStack } from '../deploy/local/stack.ts'
import { imageEnvironment } from './image-environment.ts'
import type { Sinks } from './sinks-client.ts'
import { type StandIns, startStandIns } from './stand-ins.ts'
import type { Subscriptions } from './subscription-client.ts'

const READY_WITHIN_MS = 60_000

export type Service = 'temporal' | 'pubsub'

export type How = {
  readonly env?: Readonly<Record<string, string>>
  /** Node's own, such as `--cpu-prof`. */
  readonly nodeFlags?: readonly string[]
}

export type Rig = {
  readonly temporal: Client
  readonly sinks: Sinks
  readonly subscriptions: Subscriptions
  readonly logDir: string
  /** Where bridge and worker find their parts. */
  readonly env: Readonly<Record<string, string>>
  /** Starts one of our mains and waits until it says `ready`; it ends with the rig at the latest. */
  start(name: string, main: string, how?: How): Promise<RunningProcess>
  stop(): Promise<void>
}

/**
 * @param dataDir holds Temporal's database and the logs; emptied first
 * @throws MissingToolError of the local stack; whatever was started is stopped then
 */
export async function startRig(services: readonly Service[], dataDir: string): Promise<Rig> {
  await rm(dataDir, { recursive: true, force: true })
  const stack = await startStack({ dataDir, services, onProgress: progressLines() })
  const bundle = join(dataDir, 'workflow-bundle.js')
  const { logDir } = stack
  const started: Pick<StandIns, 'stop'>[] = []
  const stop = async () => {
    await Promise.all(started.toReversed().map((one) => one.stop()))
    await stack.stop()
  }
  try {
    const standIns = await startStandIns(logDir)
    started.push(standIns)
    const { sinks, subscriptions } = standIns
    await bundleWorkflows(bundle, logDir)
    const temporal = await connectTo(stack.env)
    await setUpSearchAttributes(temporal)
    const env = environmentOf({
      sinks,
      subscriptions,
      bundle,
      own: stack.env,
      image: await imageEnvironment(),
      hasPubSub: services.includes('pubsub'),
    })
    return {
      temporal,
      sinks,
      subscriptions,
      logDir,
      env,
      start: async (name, main, how = {}) => {
        const one = await startMain({
          name,
          main,
          logDir,
          how: { ...how, env: { ...env, ...how.env } },
        })
        started.push(one)
        return one
      },
      stop: async () => {
        await temporal.connection.close()
        await stop()
      },
    }
  } catch (error) {
    await stop()
    throw error
  }
}

type Parts = {
  readonly sinks: Pick<Sinks, 'url' | 'storageAddress'>
  readonly subscriptions: Pick<Subscriptions, 'address'>
  /** Of the workflows. */
  readonly bundle: string
  /** Of the stack. */
  readonly own: Readonly<Record<string, string>>
  /** Of the image. */
  readonly image: Readonly<Record<string, string>>
  /** True where the stack has a Pub/Sub: it stands in for the subscription then. */
  readonly hasPubSub: boolean
}

/** What bridge and worker find their parts by. */
export function environmentOf(parts: Parts): Readonly<Record<string, string>> {
  const { sinks, subscriptions, bundle, own, image, hasPubSub } = parts
  return {
    ...image,
    ...own,
    GOOGLE_CLOUD_PROJECT: 'local',
    SEGMENT_WRITE_KEY: 'bench',
    SEGMENT_HOST: sinks.url,
    // The SDK, which is the default, would take more CPU for each call than the rest of the pipeline.
    SEGMENT_CLIENT: 'http',
    // In production a thread waits up to 20 s for one query about many batches: a backlog of some seconds would measure that
    // pause. Without it every batch asks by itself, which is more work.
    ACTIVATION_LOOKUP_SECONDS: '0',
    BIGQUERY_EMULATOR_HOST: `${sinks.url}/bigquery/v2`,
    BIGQUERY_STORAGE_EMULATOR_HOST: sinks.storageAddress,
    ...(!hasPubSub && { PUBSUB_EMULATOR_HOST: subscriptions.address }),
    WORKFLOW_BUNDLE: bundle,
  }
}

/** The stack's variables are gone again after it: the next rig has a stack of its own. */
async function connectTo(env: Readonly<Record<string, string>>): Promise<Client> {
  const before = new Map(Object.keys(env).map((name) => [name, process.env[name]]))
  Object.assign(process.env, env)
  try {
    return await connectClient()
  } finally {
    for (const [name, value] of before) {
      if (value === undefined) delete process.env[name]
      else process.env[name] = value
    }
  }
}

type Main = {
  readonly name: string
  readonly main: string
  readonly logDir: string
  readonly how: How
}

function startMain({ name, main, logDir, how }: Main): Promise<RunningProcess> {
  const [node, ...rest] = nodeCommand(main)
  const command = [node, ...(how.nodeFlags ?? []), ...rest] as const
  const { env = {} } = how
  return startProcess({
    name,
    command,
    logDir,
    env,
    ready: saysReady,
    readyWithinMs: READY_WITHIN_MS,
  })
}

async function bundleWorkflows(bundle: string, logDir: string): Promise<void> {
  const command = nodeCommand('workers/build-workflow-bundle.ts', bundle)
  const builder = await startProcess({ name: 'bundle', command, logDir })
  const { code } = await builder.exited
  if (code !== 0) throw new Error(`The workflows cannot be bundled: see ${builder.logFile}`)
}
