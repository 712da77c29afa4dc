// The cap on open workflows: past it the bridge stops pulling, says so, and Pub/Sub keeps the rest.

import type { Client } from '@temporalio/client'
import { WORKFLOW } from '#contracts'
import { deadlineIn } from '#runtime/clock'
import type { Logger } from '#runtime/log'
import type { BridgeMetrics } from '#runtime/metrics'
import { rest } from './pull-with-backoff.ts'

export type Gate = {
  /** Resolves while fewer workflows are open than the cap, or when `signal` aborts; at once, most of the time. */
  admit(signal: AbortSignal): Promise<void>
  /** Asks Temporal once, and keeps asking until `signal` aborts. */
  watch(signal: AbortSignal): Promise<void>
}

/**
 * Temporal's count lags by about a second, and one count a second is a tenth of what a server allows,
 * so the cap may be exceeded by what a second's pulls start.
 */
const COUNT_INTERVAL_MS = 1_000

/** A count that takes longer fails, so that a Temporal that hangs does not keep the bridge from draining. */
const COUNT_DEADLINE_MS = 5_000

const ADMIT_INTERVAL_MS = 100

/** A batch that only waits for Segment has its Stage set: its events are staged, and it holds nothing up. */
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
      while (!state.isOpen && !signal.aborted) await rest(ADMIT_INTERVAL_MS, signal)
    },
    watch: async (signal) => {
      while (!signal.aborted) {
        await count().catch((error: unknown) => log.warn({ err: error }, 'cannot count workflows'))
        await rest(COUNT_INTERVAL_MS, signal)
      }
    },
  }
}
