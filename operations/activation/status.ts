// The state of activation: its limit and who set it, what waits, what Segment answers, and when the rest will be sent.

import { type Client, WorkflowNotFoundError } from '@temporalio/client'
import { type GovernorState, governedBy, governorId, publicPartner } from '#contracts'
import { type ActivationQueue, readActivationQueue } from '#runtime/activation-queue'
import { wallClockMs } from '#runtime/clock'
import type { Registry } from '#runtime/partners/settings'
import type { Reader } from '#warehouse/read'
import {
  type Accepted,
  RECENT_MINUTES,
  readAccepted,
  readFailures,
  type SegmentFailure,
} from './segment-answers.ts'
import { asked } from './temporal-problem.ts'
import {
  callsPerActivity,
  countWaitingRuns,
  daysToRead,
  readWaitingEvents,
  type WaitingEvents,
  type WaitingRuns,
} from './waiting.ts'

export type ActivationState =
  /** No limit. */
  | 'running'
  /** A person set a rate. */
  | 'limited'
  /** A person stopped it. */
  | 'paused'
  /** The governor holds the limit. */
  | GovernorState

export type ActivationStatus = {
  /** Events that were published in these last days are counted: more than was asked for where batches have waited for longer. */
  readonly days: number
  readonly state: ActivationState
  readonly limit: {
    /** Null where there is none. */
    readonly activitiesPerSecond: number | null
    /** By what an activity makes now; null where that is not known, or there is no limit. */
    readonly callsPerSecond: number | null
    readonly reason: string
    /** A person, or `governActivation` for the governor. */
    readonly by: string
    readonly setAt: string | null
  }
  /** False where the governor holds the limit and is not running: somebody terminated it, and only `resume` lifts the limit. */
  readonly isGoverned: boolean
  readonly waiting: WaitingEvents & WaitingRuns & { readonly activities: number }
  readonly segment: { readonly accepted: Accepted; readonly failures: readonly SegmentFailure[] }
  /** When what waits now will have been sent, RFC 3339; null where nothing waits for Segment or is sent, or the rate is not known. */
  readonly drainedAt: string | null
  readonly off: SwitchedOff
}

export type SwitchedOff = {
  /** True where the defaults of the registry switch it off: then for every partner that does not switch it on. */
  readonly defaults: { readonly activation: boolean; readonly googleAds: boolean }
  /** Partner ids, replaced where they are personal. */
  readonly activation: readonly string[]
  /** Not sent to Google Ads, and sent to Segment. */
  readonly googleAds: readonly string[]
}

export type StatusSource = {
  readonly client: Client
  /** The main task queue. */
  readonly taskQueue: string
  readonly read: Reader
  readonly registry: Registry
  /** Events that were published in these last days are counted, and all those of batches that wait. */
  readonly days: number
}

/** @throws OperationError, BigQueryError */
export async function activationStatus(source: StatusSource): Promise<ActivationStatus> {
  const { client, taskQueue, read } = source
  const days = await daysToRead(client, source.days)
  const [queue, runs, events, accepted, failures] = await Promise.all([
    asked(readActivationQueue(client, taskQueue)),
    countWaitingRuns(client),
    readWaitingEvents(read, days),
    readAccepted(read, days),
    readFailures(client),
  ])
  const state = stateOf(queue)
  const calls = await callsPerActivity(read, events, queue.backlog, days)
  const { perSecond } = queue.limit
  const callsPerSecond = perSecond === null || calls === null ? null : perSecond * calls
  const governor = governedBy(queue.limit.identity)
  return {
    days,
    state,
    limit: {
      activitiesPerSecond: perSecond === null ? null : rounded(perSecond),
      callsPerSecond: callsPerSecond === null ? null : rounded(callsPerSecond),
      reason: queue.limit.reason,
      by: governor ? 'governActivation' : queue.limit.identity,
      setAt: queue.setAt,
    },
    isGoverned: governor === null || (await asked(isRunning(client, governorId(taskQueue)))),
    waiting: { ...events, ...runs, activities: queue.backlog },
    segment: { accepted, failures },
    drainedAt: isForLater(runs, queue.backlog)
      ? null
      : drainedAt(events.events, callsPerSecond ?? recentRate(perSecond, accepted)),
    off: switchedOff(source.registry),
  }
}

/** Temporal stores a limit as a float of 32 bits. */
const rounded = (perSecond: number) => Number(perSecond.toPrecision(6))

function stateOf({ limit }: ActivationQueue): ActivationState {
  const governor = governedBy(limit.identity)
  if (governor) return governor.state
  if (limit.perSecond === null) return 'running'
  return limit.perSecond === 0 ? 'paused' : 'limited'
}

/** Where there is no limit, what was accepted lately is the rate. */
const recentRate = (perSecond: number | null, { recentCalls }: Accepted) =>
  perSecond === null ? recentCalls / (RECENT_MINUTES * 60) : 0

/** True where nothing waits for Segment, and all that waits does so for another event or a period. */
const isForLater = ({ batches, laterBatches }: WaitingRuns, backlog: number) =>
  laterBatches > 0 && batches === 0 && backlog === 0

function drainedAt(events: number, callsPerSecond: number): string | null {
  if (events === 0 || callsPerSecond <= 0) return null
  const end = new Date(wallClockMs() + (events / callsPerSecond) * 1000)
  return Number.isNaN(end.getTime()) ? null : end.toISOString()
}

async function isRunning(client: Client, workflowId: string): Promise<boolean> {
  try {
    return (await client.workflow.getHandle(workflowId).describe()).status.name === 'RUNNING'
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return false
    throw error
  }
}

/** Pure. */
export function switchedOff({ defaults, partners }: Registry): SwitchedOff {
  const all = [...partners].map(([id, { activation }]) => ({ id: publicPartner(id), activation }))
  return {
    defaults: {
      activation: !defaults.activation.enabled,
      googleAds: !defaults.activation.googleAds,
    },
    activation: all.filter(({ activation }) => !activation.enabled).map(({ id }) => id),
    googleAds: all
      .filter(({ activation }) => activation.enabled && !activation.googleAds)
      .map(({ id }) => id),
  }
}
