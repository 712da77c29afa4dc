// The limit and the backlog of the activation queue, as the Temporal server holds them for all workers.

import { setTimeout as sleep } from 'node:timers/promises'
import type { Client } from '@temporalio/client'
import proto, { type temporal } from '@temporalio/proto'
import type { QueueLimit, QueueReading } from '#contracts/activation-limit'
import { activationQueue } from '#contracts/names'
import { deadlineIn, monotonicMs } from './clock.ts'

type Connected = Pick<Client, 'workflowService' | 'withDeadline'> & {
  readonly options: Pick<Client['options'], 'namespace'>
}

const ACTIVITY = proto.temporal.api.enums.v1.TaskQueueType.TASK_QUEUE_TYPE_ACTIVITY

/** Both calls take milliseconds where Temporal is available. */
const DEADLINE_MS = 5_000

/** A limit, and when it was set, RFC 3339. */
export type SetLimit = Pick<QueueReading, 'limit' | 'setAt'>

export type ActivationQueue = QueueReading & {
  /** Activities that wait to be dispatched, by the server's count, which lags by seconds. */
  readonly backlog: number
}

/**
 * @param taskQueue the main task queue
 * @throws ServiceError where Temporal does not answer or refuses
 */
export async function readActivationQueue(
  client: Connected,
  taskQueue: string,
  withinMs = DEADLINE_MS,
): Promise<ActivationQueue> {
  const { config, stats } = await describeQueue(client, activationQueue(taskQueue), {
    withinMs,
    hasStats: true,
  })
  return {
    ...limitOf(config),
    backlog: Number(stats?.approximateBacklogCount ?? 0),
    dispatchedPerSecond: stats?.tasksDispatchRate ?? 0,
  }
}

/**
 * @param queue the task queue of activities itself
 * @throws ServiceError where Temporal does not answer or refuses
 */
export async function readQueueLimit(client: Connected, queue: string): Promise<QueueLimit> {
  return (await readSetLimit(client, queue)).limit
}

const readSetLimit = async (client: Connected, queue: string): Promise<SetLimit> =>
  limitOf((await describeQueue(client, queue, { withinMs: DEADLINE_MS })).config)

type Reading = { readonly withinMs: number; readonly hasStats?: boolean }

const describeQueue = (client: Connected, name: string, { withinMs, hasStats = false }: Reading) =>
  client.withDeadline(deadlineIn(withinMs), () =>
    client.workflowService.describeTaskQueue({
      namespace: client.options.namespace,
      taskQueue: { name },
      taskQueueType: ACTIVITY,
      reportConfig: true,
      reportStats: hasStats,
    }),
  )

type Config = temporal.api.taskqueue.v1.ITaskQueueConfig

function limitOf(config: Config | null | undefined): SetLimit {
  const { rateLimit, metadata } = config?.queueRateLimit ?? {}
  return {
    limit: {
      perSecond: rateLimit ? (rateLimit.requestsPerSecond ?? 0) : null,
      reason: metadata?.reason ?? '',
      identity: metadata?.updateIdentity ?? '',
    },
    setAt: timeOf(metadata?.updateTime),
  }
}

/**
 * Sets the limit for all workers, and records who set it and why.
 * @returns the limit as the server has stored it, once readers are told of it
 * @throws ServiceError where Temporal does not answer or refuses
 */
export async function writeActivationLimit(
  client: Connected,
  taskQueue: string,
  { perSecond, reason, identity }: QueueLimit,
): Promise<SetLimit> {
  const queue = activationQueue(taskQueue)
  const { config } = await client.withDeadline(deadlineIn(DEADLINE_MS), () =>
    client.workflowService.updateTaskQueueConfig({
      namespace: client.options.namespace,
      taskQueue: queue,
      taskQueueType: ACTIVITY,
      updateQueueRateLimit: {
        ...(perSecond !== null && { rateLimit: { requestsPerSecond: perSecond } }),
        reason,
      },
      identity,
    }),
  )
  const stored = limitOf(config)
  await untilReadersSee(stored, () => readSetLimit(client, queue))
  return stored
}

const LOOK_AGAIN_MS = 50
/** Readers see a change within milliseconds, unless the server is busy. The limit is in effect either way. */
const SEEN_WITHIN_MS = 5_000

/** The server tells readers of a limit a moment after it has stored it. */
async function untilReadersSee(stored: SetLimit, read: () => Promise<SetLimit>): Promise<void> {
  const end = monotonicMs() + SEEN_WITHIN_MS
  while (isBefore(await read(), stored) && monotonicMs() < end) await sleep(LOOK_AGAIN_MS)
}

const isBefore = (read: SetLimit, stored: SetLimit) => (read.setAt ?? '') < (stored.setAt ?? '')

type Timestamp = { readonly seconds?: unknown; readonly nanos?: number | null }

function timeOf(timestamp: Timestamp | null | undefined): string | null {
  const seconds = Number(timestamp?.seconds ?? 0)
  if (seconds === 0) return null
  return new Date(seconds * 1000 + Math.floor((timestamp?.nanos ?? 0) / 1e6)).toISOString()
}
