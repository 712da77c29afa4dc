// The options of the workers: every number on which throughput and memory depend, with its reason.

import { fileURLToPath } from 'node:url'
import type { WorkerDeploymentOptions, WorkerOptions } from '@temporalio/worker'
import { activationQueue } from '#contracts'
import type { WorkerConfig } from '#runtime/config'
import type { Tracing } from '#runtime/tracing/span'
import { onlyKnownFailures } from './known-failures.ts'
import { traceActivities } from './trace-activities.ts'

/** The source of the workflows; an image has a bundle of them instead (WORKFLOW_BUNDLE). */
export const WORKFLOWS_PATH = fileURLToPath(new URL('../workflows/index.ts', import.meta.url))

type Options = Omit<WorkerOptions, 'connection'>

/** The worker of the workflows, and of every activity but activation. */
export function workerOptions(config: WorkerConfig, tracing: Tracing | null = null): Options {
  return {
    ...sharedOptions(config, tracing),
    taskQueue: config.TEMPORAL_TASK_QUEUE,
    ...(config.WORKFLOW_BUNDLE
      ? { workflowBundle: { codePath: config.WORKFLOW_BUNDLE } }
      : { workflowsPath: WORKFLOWS_PATH }),
  }
}

/** The worker of the activation queue: the same activities, no workflows, slots of its own. */
export function activationWorkerOptions(
  config: WorkerConfig,
  tracing: Tracing | null = null,
): Options {
  return {
    ...sharedOptions(config, tracing),
    taskQueue: activationQueue(config.TEMPORAL_TASK_QUEUE),
    // An activity of activation waits for the query that looks up the orders of many batches, and does nothing meanwhile.
    maxConcurrentActivityTaskExecutions: 3 * config.WORKER_MAX_ACTIVITIES,
  }
}

function sharedOptions(config: WorkerConfig, tracing: Tracing | null): Omit<Options, 'taskQueue'> {
  return {
    // The span is around the failure that reaches Temporal.
    interceptors: {
      activity: [...(tracing ? [traceActivities(tracing)] : []), onlyKnownFailures],
    },
    // Activities share one thread: more of them would wait for each other and keep more batches in memory.
    maxConcurrentActivityTaskExecutions: config.WORKER_MAX_ACTIVITIES,
    maxConcurrentWorkflowTaskExecutions: config.WORKER_MAX_WORKFLOW_TASKS,
    // A batch workflow runs for seconds and keeps its batch in memory: a small cache is enough and limits the memory.
    maxCachedWorkflows: config.WORKER_MAX_CACHED_WORKFLOWS,
    // By default, the SDK holds heartbeats back for up to four fifths of the heartbeat time-out.
    maxHeartbeatThrottleInterval: '5 seconds',
    // With the SDK's default of zero, SIGTERM would cancel activities at once.
    shutdownGraceTime: `${config.WORKER_SHUTDOWN_GRACE_SECONDS} seconds`,
    ...deploymentOptions(config),
  }
}

function deploymentOptions({
  TEMPORAL_DEPLOYMENT_NAME: deploymentName,
  TEMPORAL_WORKER_BUILD_ID: buildId,
}: WorkerConfig): { workerDeploymentOptions?: WorkerDeploymentOptions } {
  if (deploymentName === undefined || buildId === undefined) return {}
  return {
    workerDeploymentOptions: {
      version: { deploymentName, buildId },
      useWorkerVersioning: true,
      // Recorded histories are replayed before every release. Pinned runs would keep an old version's workers for the week
      // that an activation may wait.
      defaultVersioningBehavior: 'AUTO_UPGRADE',
    },
  }
}

/** When people are told of many new dead letters, and where. */
export const alertOptions = (config: WorkerConfig) => ({
  webhookUrl: config.ALERT_WEBHOOK_URL,
  thresholdEvents: config.ALERT_THRESHOLD_EVENTS,
  intervalMinutes: config.ALERT_INTERVAL_MINUTES,
})

/** Where Segment is asked to delete a person; null where it is not. */
export function publicApiAddress({
  SEGMENT_PUBLIC_API_HOST: host,
  SEGMENT_PUBLIC_API_TOKEN: token,
}: WorkerConfig): { readonly host: string; readonly token: string } | null {
  return token === undefined ? null : { host, token }
}
