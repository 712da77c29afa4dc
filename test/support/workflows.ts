// Runs the real workflows on a real Temporal server, with the activities a test hands in.

import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll } from '@jest/globals'
import { activityInfo } from '@temporalio/activity'
import type { Client } from '@temporalio/client'
import { noopMetricMeter } from '@temporalio/common'
import {
  type BundleOptions,
  bundleWorkflowCode,
  DefaultLogger,
  makeTelemetryFilterString,
  Runtime,
  Worker,
  type WorkerOptions,
  type WorkflowBundle,
} from '@temporalio/worker'
import { activationQueue } from '#contracts'
import { setUpSearchAttributes } from '#operations/setup/search-attributes'
import { governorMetrics } from '#runtime/metrics/groups'
import { connectClient, connectWorker } from '#runtime/temporal'
import { createGovernorActivities } from '../../activities/governor/index.ts'
import type { Activities } from '../../activities/index.ts'

/** A failing activity is what many tests are about; only a defect of the worker itself is worth a line. */
export const quiet = new DefaultLogger('ERROR')

/** Call before any connection or worker of a test file. */
export function installQuietRuntime(): void {
  const filter = makeTelemetryFilterString({ core: 'ERROR', other: 'ERROR' })
  Runtime.install({ logger: quiet, telemetryOptions: { logging: { filter, forward: {} } } })
}

const BUNDLE_LIMIT_MS = 180_000

type Bundle = NonNullable<WorkerOptions['workflowBundle']>

/** The workflows as they are, bundled once for the whole run of Jest. */
export function workflowBundle(): { readonly codePath: string } {
  const codePath = process.env['TEST_WORKFLOW_BUNDLE']
  if (!codePath) throw new Error('test/support/make-bundles.js sets TEST_WORKFLOW_BUNDLE')
  return { codePath }
}

/** Other workflows than the ones of a worker, bundled once for the file. */
export function useBundle(
  options: Pick<BundleOptions, 'workflowsPath' | 'workflowInterceptorModules'>,
): () => WorkflowBundle {
  let bundle: WorkflowBundle | undefined
  beforeAll(async () => {
    bundle = await bundleWorkflowCode({ ...options, logger: quiet })
  }, BUNDLE_LIMIT_MS)
  return () => {
    if (!bundle) throw new Error('the bundle is there from beforeAll on')
    return bundle
  }
}

export type WorkflowTesting = {
  readonly client: () => Client
  /** The task queue of the file's worker; a second one serves its activation queue. */
  readonly taskQueue: string
  /** A workflow whose first activity runs during `use` has `activities`, to its end. */
  readonly serve: <T>(activities: Activities, use: () => Promise<T>) => Promise<T>
}

/** Call below `useStack('temporal', ...)`, whose server it finds in the environment. */
export function useWorkflows(bundle: () => Bundle = workflowBundle): WorkflowTesting {
  const taskQueue = randomUUID()
  const switchboard = createSwitchboard()
  let client: Client | undefined
  let stopWorker: (() => Promise<void>) | undefined
  beforeAll(async () => {
    installQuietRuntime()
    client = await connectClient()
    await setUpSearchAttributes(client)
    const { connection } = await connectWorker()
    const { limitChanges } = governorMetrics(noopMetricMeter)
    const activities = {
      ...switchboard.activities,
      ...createGovernorActivities(client, taskQueue, { limitChanges }),
    }
    const activationTasks = activationQueue(taskQueue)
    const workers = await Promise.all([
      Worker.create({ connection, workflowBundle: bundle(), activities, taskQueue }),
      Worker.create({ connection, activities, taskQueue: activationTasks }),
    ])
    const running = Promise.all(workers.map((worker) => worker.run()))
    stopWorker = async () => {
      for (const worker of workers) worker.shutdown()
      await running
      await connection.close()
    }
  })
  afterAll(async () => {
    await stopWorker?.()
    await client?.connection.close()
  })
  return {
    client: () => {
      if (!client) throw new Error('the client is there from beforeAll on')
      return client
    },
    taskQueue,
    serve: (activities, use) => {
      switchboard.connect(activities)
      return use()
    },
  }
}

/** A worker takes a second to start and another to stop, so that all tests of a file share one. */
function createSwitchboard() {
  let connected: Activities | undefined
  const ofWorkflow = new Map<string, Activities>()
  const find = (): Activities => {
    const id = activityInfo().workflowExecution?.workflowId ?? ''
    const found = ofWorkflow.get(id) ?? connected
    if (!found) throw new Error('activities are there within `serve`')
    ofWorkflow.set(id, found)
    return found
  }
  const activities: Activities = {
    validateEvents: async (...args) => find().validateEvents(...args),
    writeAuditLog: async (...args) => find().writeAuditLog(...args),
    stageEvents: async (...args) => find().stageEvents(...args),
    activateEvents: async (...args) => find().activateEvents(...args),
    activateWaiting: async (...args) => find().activateWaiting(...args),
    publishOrderChanges: async (...args) => find().publishOrderChanges(...args),
    openDeadLetters: async (...args) => find().openDeadLetters(...args),
    keepUnreadableBatch: async (...args) => find().keepUnreadableBatch(...args),
    recordDeadLetter: async (...args) => find().recordDeadLetter(...args),
    recordFailedAgain: async (...args) => find().recordFailedAgain(...args),
    recordHandling: async (...args) => find().recordHandling(...args),
    forgetFailedRuns: async (...args) => find().forgetFailedRuns(...args),
    countMessages: async (...args) => find().countMessages(...args),
    takeMessages: async (...args) => find().takeMessages(...args),
    rejectPoison: async (...args) => find().rejectPoison(...args),
    writeLedger: async (...args) => find().writeLedger(...args),
  }
  return {
    activities,
    connect: (next: Activities) => {
      connected = next
    },
  }
}
