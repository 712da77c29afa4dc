// Temporal's test server, which skips the time that workflows wait. It has no lists, no resets and no limits of task queues.

import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll } from '@jest/globals'
import { tsToMs } from '@temporalio/common/lib/time.js'
import { TestWorkflowEnvironment } from '@temporalio/testing'
import { Worker, type WorkerOptions } from '@temporalio/worker'
import { installOnce } from '../../../deploy/local/install.ts'
import { stackDir } from '../../../deploy/local/paths.ts'
import { pipInstall } from '../../../deploy/local/pip.ts'
import { installQuietRuntime } from '../workflows.ts'

const requirements = fileURLToPath(new URL('requirements.txt', import.meta.url))

/** The first start on a machine installs the server. */
const START_LIMIT_MS = 300_000

/** Call at the top of a test file: the server, with these workers, is there in tests and later hooks. */
export function useTimeSkipping(...options: WorkerOptions[]): () => TestWorkflowEnvironment {
  let environment: TestWorkflowEnvironment | undefined
  let stopWorkers = async () => {}
  beforeAll(async () => {
    installQuietRuntime()
    const path = await install()
    environment = await TestWorkflowEnvironment.createTimeSkipping({
      server: { executable: { type: 'existing-path', path } },
    })
    const { nativeConnection: connection } = environment
    const workers = await Promise.all(options.map((own) => Worker.create({ ...own, connection })))
    const running = Promise.all(workers.map((worker) => worker.run()))
    stopWorkers = async () => {
      for (const worker of workers) worker.shutdown()
      await running
    }
  }, START_LIMIT_MS)
  afterAll(async () => {
    await stopWorkers()
    await environment?.teardown()
  })
  return () => {
    if (!environment) throw new Error('the server is there from beforeAll on')
    return environment
  }
}

/** How long each timer of the latest run was set for, in seconds. */
export async function timersOf(
  client: TestWorkflowEnvironment['client'],
  workflowId: string,
): Promise<number[]> {
  const { events } = await client.workflow.getHandle(workflowId).fetchHistory()
  return (events ?? [])
    .flatMap((event) => event.timerStartedEventAttributes?.startToFireTimeout ?? [])
    .map((timeout) => tsToMs(timeout) / 1000)
}

async function install(): Promise<string> {
  const folder = await installOnce(
    join(stackDir, 'tools'),
    'temporal-test-server',
    [requirements],
    async (target) => {
      const logFile = join(stackDir, 'logs', 'install-temporal-test-server.log')
      await pipInstall({ python: 'python3', requirements, target, logFile })
    },
  )
  return join(folder, 'bin', 'temporal-test-server')
}
