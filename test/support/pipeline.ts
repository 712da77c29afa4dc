// The whole pipeline for the tests of one file: a stack of its own, set up as a person does it, bridge and worker as processes.

import type { BigQuery } from '@google-cloud/bigquery'
import { afterAll, beforeAll } from '@jest/globals'
import type { Client } from '@temporalio/client'
import { publish } from '#operations/send/publish'
import { setUp } from '#operations/setup/setup'
import { type CliConfig, cliConfig, readConfig } from '#runtime/config'
import type { Publishable } from '#runtime/pubsub'
import { connectClient } from '#runtime/temporal'
import { createBigQuery } from '#warehouse/client'
import { waitUntilQuiet } from '../../deploy/local/demo/watch.ts'
import type { RunningProcess } from '../../deploy/local/process.ts'
import type { Stack } from '../../deploy/local/stack.ts'
import { startMain } from './main-process.ts'
import { useStackWithTables } from './stack.ts'

export type TestPipeline = {
  readonly stack: Stack
  readonly config: CliConfig
  readonly bigquery: BigQuery
  readonly temporal: Client
  /** Publishes in one go and waits until everything so far has come to its end. */
  readonly send: (messages: readonly Publishable[]) => Promise<void>
  /** Kills the worker without a warning, and starts another. */
  readonly replaceWorker: () => Promise<void>
}

const START_LIMIT_MS = 120_000

/**
 * Call at the top of a test file; the pipeline is there in tests and later hooks.
 * @param env of the bridge, the worker and the set-up, in addition to the stack's own
 */
export function usePipeline(env: Readonly<Record<string, string>> = {}): () => TestPipeline {
  const stack = useStackWithTables('temporal', 'pubsub', 'bigquery', 'segment', 'codec')
  const processes: RunningProcess[] = []
  let pipeline: TestPipeline | undefined
  beforeAll(async () => {
    const config = readConfig(cliConfig, { ...process.env, ...env })
    await setUp(config)
    const { logDir } = stack()
    const own = { ...stack().env, GOOGLE_CLOUD_PROJECT: 'local', SEGMENT_WRITE_KEY: 'test', ...env }
    const startWorker = () => startMain('worker', logDir, own)
    processes.push(...(await Promise.all([startWorker(), startMain('bridge', logDir, own)])))
    const replaceWorker = async () => {
      await processes[0]?.stop(0)
      processes[0] = await startWorker()
    }
    const parts = {
      stack: stack(),
      config,
      bigquery: createBigQuery(config),
      temporal: await connectClient(),
    }
    pipeline = { ...parts, send: sender(parts), replaceWorker }
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

function sender(parts: Omit<TestPipeline, 'send' | 'replaceWorker'>): TestPipeline['send'] {
  let published = 0
  const stop = async () => {}
  return async (messages) => {
    published += await publish(parts.config, messages, { topic: parts.config.PUBSUB_TOPIC })
    const isQuiet = await waitUntilQuiet({ ...parts, stop }, published, () => {})
    if (!isQuiet) throw new Error('not every event has come to its end, and nothing moves')
  }
}
