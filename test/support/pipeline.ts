// The whole pipeline for the tests of one file: a stack of its own, set up as a person does it, bridge and worker as processes.

import type { BigQuery } from '@google-cloud/bigquery'
import { afterAll, beforeAll } from '@jest/globals'
import type { Client } from '@temporalio/client'
import { createBigQuery } from '#runtime/bigquery'
import { type CliConfig, cliConfig, readConfig } from '#runtime/config'
import { connectClient } from '#runtime/temporal'
import { waitUntilQuiet } from '../../cli/demo/watch.ts'
import type { Publishable } from '../../cli/events/messages.ts'
import { publish } from '../../cli/events/publish.ts'
import { setUp } from '../../cli/setup.ts'
import { nodeCommand, type RunningProcess, startProcess } from '../../deploy/local/process.ts'
import type { Stack } from '../../deploy/local/stack.ts'
import { useStack } from './stack.ts'

export type TestPipeline = {
  readonly stack: Stack
  readonly config: CliConfig
  readonly bigquery: BigQuery
  readonly temporal: Client
  /** Publishes in one go and waits until everything so far has come to its end. */
  readonly send: (messages: readonly Publishable[]) => Promise<void>
}

const START_LIMIT_MS = 120_000

/**
 * Call at the top of a test file; the pipeline is there in tests and later hooks.
 * @param env of the bridge and the worker, beside the stack's own
 */
export function usePipeline(env: Readonly<Record<string, string>> = {}): () => TestPipeline {
  const stack = useStack('temporal', 'pubsub', 'bigquery', 'segment', 'codec')
  const processes: RunningProcess[] = []
  let pipeline: TestPipeline | undefined
  beforeAll(async () => {
    const config = readConfig(cliConfig, process.env)
    await setUp(config)
    const starts = ['worker', 'bridge'].map((name) => startMain(name, stack(), env))
    processes.push(...(await Promise.all(starts)))
    const parts = {
      stack: stack(),
      config,
      bigquery: createBigQuery(config),
      temporal: await connectClient(),
    }
    pipeline = { ...parts, send: sender(parts) }
  }, START_LIMIT_MS)
  afterAll(async () => {
    await Promise.all(processes.map((one) => one.stop()))
    await pipeline?.temporal.connection.close()
  })
  return () => {
    if (!pipeline) throw new Error('the pipeline is there from beforeAll on')
    return pipeline
  }
}

const MAIN: Readonly<Record<string, string>> = {
  worker: 'workers/main.ts',
  bridge: 'bridge/main.ts',
}

function startMain(name: string, { env, logDir }: Stack, extra: Readonly<Record<string, string>>) {
  return startProcess({
    name,
    command: nodeCommand(MAIN[name] ?? name),
    logDir,
    env: { ...env, GOOGLE_CLOUD_PROJECT: 'local', SEGMENT_WRITE_KEY: 'test', ...extra },
    ready: (log) => (log.includes('"msg":"ready"') ? 'ready' : undefined),
    readyWithinMs: START_LIMIT_MS,
  })
}

function sender(parts: Omit<TestPipeline, 'send'>): TestPipeline['send'] {
  let published = 0
  const stop = async () => {}
  return async (messages) => {
    published += await publish(parts.config, messages, { topic: parts.config.PUBSUB_TOPIC })
    await waitUntilQuiet({ ...parts, stop }, published, () => {})
  }
}
