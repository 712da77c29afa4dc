// What an activity that calls Segment tells the governor, and asks it. Reports are lost where Temporal is unavailable: the governor
// only needs some of them.

import { log } from '@temporalio/activity'
import { type Client, WorkflowNotFoundError } from '@temporalio/client'
import {
  type Admission,
  GOVERNOR_ADMISSION,
  GOVERNOR_REPORT,
  governedBy,
  governorId,
  type SegmentReport,
  WORKFLOW,
} from '#contracts'
import { readActivationQueue } from '#runtime/activation-queue'
import { deadlineIn, monotonicMs } from '#runtime/clock'
import { failure } from '#runtime/service-error'

/** A thread sends one signal of each kind in this time, and asks as often whether a governor is running. */
const INTERVAL_MS = 5_000

/** A governor that opens the breaker keeps it open for longer: no activity takes the probe for anything else. */
const LIMIT_CACHED_MS = 1_000

/** No call to Segment waits longer than this for Temporal. */
const DEADLINE_MS = 2_000

export type GovernorReport = {
  /**
   * Tells that Segment throttled the calls or is unavailable. Never throws.
   * @param status the HTTP status of Segment's answer; absent where there was none
   */
  reportTrouble(
    kind: 'throttled' | 'unavailable',
    retryAfterSeconds?: number,
    status?: number,
  ): Promise<void>
  /** Tells that Segment accepted calls, where a governor is running. Never throws. */
  reportAccepted(): Promise<void>
  /**
   * True for the one activity that probes Segment while the breaker is open: it sends one request, and reports.
   * @throws ApplicationFailure `segment_unavailable` where another activity is the probe: nothing may be sent
   */
  isProbing(): Promise<boolean>
}

/**
 * For the activities of one thread.
 * @param taskQueue the main task queue, on which the governor runs
 */
export function createGovernorReport(
  client: Client,
  taskQueue: string,
  now: () => number = monotonicMs,
): GovernorReport {
  const workflowId = governorId(taskQueue)
  const handle = client.workflow.getHandle(workflowId)
  const quickly = <T>(call: () => Promise<T>) => client.withDeadline(deadlineIn(DEADLINE_MS), call)

  const signal = (report: SegmentReport) =>
    quickly(() =>
      client.workflow.signalWithStart(WORKFLOW.governActivation, {
        workflowId,
        taskQueue,
        signal: GOVERNOR_REPORT,
        signalArgs: [report],
      }),
    )
  const isRunning = remembered(INTERVAL_MS, now, () => quickly(() => isOpen(handle)))
  const isStopped = remembered(LIMIT_CACHED_MS, now, async () => {
    const { limit } = await readActivationQueue(client, taskQueue, DEADLINE_MS)
    const state = governedBy(limit.identity)?.state
    return state === 'open' || state === 'probing'
  })
  const sentAt = new Map<SegmentReport['kind'], number>()
  const isTooSoon = (kind: SegmentReport['kind']) => {
    const last = sentAt.get(kind)
    return last !== undefined && now() - last < INTERVAL_MS
  }

  return {
    reportTrouble: async (kind, retryAfterSeconds, status) => {
      if (isTooSoon(kind)) return
      sentAt.set(kind, now())
      // The next acceptance ends this trouble, however soon it is.
      sentAt.delete('accepted')
      await quietly(async () => {
        await signal(troubleOf(kind, retryAfterSeconds, status))
        isRunning.set(true)
      })
    },
    reportAccepted: async () => {
      if (isTooSoon('accepted')) return
      await quietly(async () => {
        if (!(await isRunning.get())) return
        sentAt.set('accepted', now())
        await quickly(() => handle.signal(GOVERNOR_REPORT, { kind: 'accepted' }))
      })
    },
    isProbing: async () => {
      const admission = await quietly(async (): Promise<Admission> => {
        if (!(await isStopped.get())) return 'all'
        return quickly(() => handle.executeUpdate<Admission, []>(GOVERNOR_ADMISSION))
      })
      if (admission === 'wait') {
        throw failure('segment_unavailable', 'Segment is unavailable, and another batch probes it')
      }
      return admission === 'probe'
    },
  }
}

function troubleOf(
  kind: 'throttled' | 'unavailable',
  retryAfterSeconds?: number,
  status?: number,
): SegmentReport {
  const answer = { ...(status !== undefined && { status }) }
  if (kind === 'unavailable') return { kind, ...answer }
  return { kind, ...answer, ...(retryAfterSeconds !== undefined && { retryAfterSeconds }) }
}

async function isOpen(handle: ReturnType<Client['workflow']['getHandle']>): Promise<boolean> {
  try {
    return (await handle.describe()).status.name === 'RUNNING'
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return false
    throw error
  }
}

/** A governor that has ended says nothing, and that is no problem. */
async function quietly<T>(work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return undefined
    const said = error instanceof Error ? error.name : typeof error
    log.warn('the governor of activation cannot be told or asked', { error: said })
    return undefined
  }
}

/** A value that is asked for again once it is old. Calls that come meanwhile share one request. */
function remembered<T>(forMs: number, now: () => number, ask: () => Promise<T>) {
  let last: { readonly value: Promise<T>; readonly at: number } | undefined
  return {
    get: (): Promise<T> => {
      if (!last || now() - last.at >= forMs) {
        const value = ask()
        const asked = { value, at: now() }
        last = asked
        value.catch(() => {
          if (last === asked) last = undefined
        })
      }
      return last.value
    },
    set: (value: T): void => {
      last = { value: Promise.resolve(value), at: now() }
    },
  }
}
