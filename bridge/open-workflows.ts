// The cap on open workflows: above it the bridge stops pulling and logs so, and Pub/Sub keeps the messages.

import type { Client } from '@temporalio/client'
import { WORKFLOW } from '#contracts'
import { deadlineIn } from '#runtime/clock'
import type { Logger } from '#runtime/log'
import type { BridgeMetrics } from '#runtime/metrics'
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

/** A batch that only waits for Segment has its search attribute Stage set. It is not counted: its events are staged, and it delays nothing. */
const OPEN = `WorkflowType = '${WORKFLOW.processBatch}' AND ExecutionStatus = 'Running' AND Stage IS NULL`

export function createGate(
  client: Pick<Client, 'workflow' | 'withDeadline'>,
  cap: number,
  log: Logger,
  metrics: BridgeMetrics,
): Gate {
  const state = { isOpen: true }

  const count = async () => {
    const deadline = deadlineIn(COUNT_DEADLINE_MS)
    const { count: open } = await client.withDeadline(deadline, () => client.workflow.count(OPEN))
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
        await count().catch((error: unknown) => log.warn({ err: error }, 'cannot count workflows'))
        await abortableSleep(COUNT_INTERVAL_MS, signal)
      }
    },
  }
}
