// The worker's settings: every number that decides throughput and memory, named and with its reason.

import { fileURLToPath } from 'node:url'
import type { WorkerOptions } from '@temporalio/worker'
import { activationQueue } from '#contracts'
import type { WorkerConfig } from '#runtime/config'
import { onlyKnownFailures } from './known-failures.ts'

/** The workflows as source; an image brings them already bundled instead (WORKFLOW_BUNDLE). */
export const WORKFLOWS_PATH = fileURLToPath(new URL('../workflows/index.ts', import.meta.url))

type Options = Omit<WorkerOptions, 'connection'>

/** The worker of the workflows, and of every activity but activation. */
export function workerOptions(config: WorkerConfig): Options {
  return {
    ...sharedOptions(config),
    taskQueue: config.TEMPORAL_TASK_QUEUE,
    ...(config.WORKFLOW_BUNDLE
      ? { workflowBundle: { codePath: config.WORKFLOW_BUNDLE } }
      : { workflowsPath: WORKFLOWS_PATH }),
  }
}

/** The worker of the activation queue: the same activities, no workflows, slots of its own. */
export function activationWorkerOptions(config: WorkerConfig): Options {
  return { ...sharedOptions(config), taskQueue: activationQueue(config.TEMPORAL_TASK_QUEUE) }
}

function sharedOptions(config: WorkerConfig): Omit<Options, 'taskQueue'> {
  return {
    interceptors: { activity: [onlyKnownFailures] },
    // Activities share one thread: more at once would only wait for each other and hold more batches in memory.
    maxConcurrentActivityTaskExecutions: config.WORKER_MAX_ACTIVITIES,
    maxConcurrentWorkflowTaskExecutions: config.WORKER_MAX_WORKFLOW_TASKS,
    // A batch workflow lives seconds and holds its batch: a small cache is enough and bounds memory.
    maxCachedWorkflows: config.WORKER_MAX_CACHED_WORKFLOWS,
    // Without it the SDK holds beats back for up to four fifths of the heartbeat timeout.
    maxHeartbeatThrottleInterval: '5 seconds',
    // The SDK's default of zero cancels activities at once on SIGTERM.
    shutdownGraceTime: `${config.WORKER_SHUTDOWN_GRACE_SECONDS} seconds`,
  }
}
