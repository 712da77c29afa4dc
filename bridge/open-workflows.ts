// The cap on open workflows: above it the bridge stops pulling and logs so, and Pub/Sub keeps the messages.

import type { Client } from '@temporalio/client'
import { WORKFLOW } from '#contracts'
import { readActivationQueue } from '#runtime/activation-queue'
import { deadlineIn, monotonicMs } from '#runtime/clock'
import type { Logger } from '#runtime/log'
import type { BridgeMetrics } from '#runtime/metrics/groups'
import type { Readiness } from '#runtime/readiness'
import { abortableSleep } from './abortable-sleep.ts'

export type Gate = {
  /** Resolves as soon as fewer workflows are open than the cap, or when `signal` aborts. */
  admit(signal: AbortSignal): Promise<void>
  /** Counts the open workflows every second until `signal` aborts. */
  watch(signal: AbortSignal): Promise<void>
}

/**
 * Temporal's count lags by about a second, and one count a second is a tenth of what a server allows. The cap may therefore
 * be exceeded by the workflows that are started within a second.
 */
const COUNT_INTERVAL_MS = 1_000

/** A count that takes longer fails, so that a Temporal server that hangs does not keep the bridge from draining. */
const COUNT_DEADLINE_MS = 5_000

const ADMIT_INTERVAL_MS = 100

const RUNNING = `WorkflowType = '${WORKFLOW.processBatch}' AND ExecutionStatus = 'Running'`

/** A batch that has waited for Segment for a minute, or for Pub/Sub, has its search attribute Stage set. Its events are staged, and it delays nothing. */
const OPEN = `${RUNNING} AND Stage IS NULL`
const WAITING = `${RUNNING} AND Stage IS NOT NULL`

export type GateOptions = {
  /** Open workflows at which the bridge stops pulling. */
  readonly cap: number
  /** The main task queue: what waits in its activation queue is not counted. */
  readonly taskQueue: string
}

/**
 * Open batches, without those that only wait for Segment. Of these, a batch whose Stage is not set yet is known by the backlog of
 * the activation queue alone, which is asked only where the count reaches the cap. The backlog holds some of the batches
 * with a Stage as well: all of them are subtracted from it, so that the count is rather too large than too small.
 */
async function countOpen(client: Client, { cap, taskQueue }: GateOptions): Promise<number> {
  const { count: open } = await client.workflow.count(OPEN)
  if (open < cap) return open
  const [queue, waiting] = await Promise.all([
    readActivationQueue(client, taskQueue),
    client.workflow.count(WAITING),
  ])
  return Math.max(0, open - Math.max(0, queue.backlog - waiting.count))
}

export type GateDependencies = {
  readonly client: Client
  readonly log: Logger
  readonly metrics: Pick<BridgeMetrics, 'openWorkflows' | 'pausedSeconds'>
  /** Is told whether Temporal answers. */
  readonly readiness: Readiness
}

export function createGate(
  { client, log, metrics, readiness }: GateDependencies,
  options: GateOptions,
): Gate {
  const { cap } = options
  const state = { isOpen: true }

  const count = async () => {
    const deadline = deadlineIn(COUNT_DEADLINE_MS)
    const open = await client.withDeadline(deadline, () => countOpen(client, options))
    metrics.openWorkflows.set(open)
    const wasOpen = state.isOpen
    state.isOpen = open < cap
    if (wasOpen && !state.isOpen) log.warn({ open, cap }, 'paused: too many open workflows')
    if (!wasOpen && state.isOpen) log.info({ open, cap }, 'pulling again')
    if (!state.isOpen) metrics.pausedSeconds.add(COUNT_INTERVAL_MS / 1000)
  }

  return {
    admit: async (signal) => {
      while (!state.isOpen && !signal.aborted) await abortableSleep(ADMIT_INTERVAL_MS, signal)
    },
    watch: async (signal) => {
      while (!signal.aborted) {
        const asked = monotonicMs()
        await count().then(
          () => readiness.answered('Temporal'),
          (error: unknown) => {
            readiness.unanswered('Temporal', asked)
            log.warn({ err: error }, 'cannot count workflows')
          },
        )
        await abortableSleep(COUNT_INTERVAL_MS, signal)
      }
    },
  }
}
