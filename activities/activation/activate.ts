// Activates events: looks up their orders, sends the calls, and records what became of each event.

import { activityInfo } from '@temporalio/activity'
import type { Segment } from '#activation/segment/segment'
import { type Omission, omissionText } from '#contracts'
import { wallClockMs } from '#runtime/clock'
import { groupBy } from '#runtime/group-by'
import type { ActivityMetrics } from '#runtime/metrics/groups'
import { failure } from '#runtime/service-error'
import type { Warehouse } from '#warehouse/warehouse'
import { appendAll } from '../append-all.ts'
import type { GovernorReport } from '../governor/report.ts'
import { observeAge } from '../observe-age.ts'
import type { BatchEvent } from '../read-batch.ts'
import { countVersions } from './count-versions.ts'
import { type FindOpenRuns, runsInQuestion } from './open-runs.ts'
import type { LookUpOrders } from './order-look-up.ts'
import { type Outcome, outcomeRow } from './outcome.ts'
import { type ActivationRules, outcomesOf, type ReadyCall } from './plan-calls.ts'
import { planInTurns } from './plan-in-turns.ts'
import { requestsOf, type SendError, sendCalls } from './send-calls.ts'

export type ActivationDependencies = {
  readonly segment: Segment
  readonly warehouse: Warehouse
  readonly lookUp: LookUpOrders
  readonly findOpenRuns: FindOpenRuns
  readonly rules: ActivationRules
  /** Is told how Segment answers, and asked whether this activity is the probe of an open breaker. */
  readonly governor: GovernorReport
  readonly metrics: ActivityMetrics
}

export type ActivationRun = {
  readonly batchId: string
  readonly takesCancellations: boolean
  /** Records also the events that wait. */
  readonly recordsWaiting: boolean
  /** Counts which events repeat or change earlier ones: once for each event, when its batch is activated. */
  readonly countsVersions: boolean
}

export type ActivationResult = {
  /** Every event has one, and only one. */
  readonly outcomes: readonly Outcome[]
  /** Seconds until the first cooling-off period ends; null where no event waits for one. */
  readonly dueInSeconds: number | null
}

type RecordOutcomes = (outcomes: readonly Outcome[]) => Promise<void>

export type Activate = ReturnType<typeof createActivate>

/**
 * At least once: a call sent again has the same message id, and Segment drops the repeat. It is recorded
 * before each request that Segment may have its events, and after it what became of them, so that a retry or another run finds
 * in the activation log what is done.
 * @throws ApplicationFailure of the registry where no event is to blame
 */
export function createActivate(deps: ActivationDependencies) {
  const { segment, warehouse, lookUp, findOpenRuns, rules, governor, metrics } = deps

  /**
   * It is recorded before the request that Segment may have its events, and after it what is known of them. That this request
   * was not taken says nothing about a request of an earlier attempt.
   */
  async function send(chunk: readonly ReadyCall[], record: RecordOutcomes): Promise<Outcome[]> {
    const inDoubt = new Set(chunk.flatMap((call) => [...call.inDoubt]))
    const isNew = ({ event }: Outcome) => !inDoubt.has(event)
    await record(outcomesOf(chunk, 'sending').filter(isNew))
    const { accepted, refused, unsent, error } = await sendCalls(segment, chunk)
    observeAge(
      metrics.publishToAccepted,
      accepted.flatMap((call) => call.events),
    )
    const final = [
      ...outcomesOf(accepted, 'accepted'),
      ...outcomesOf(refused, 'failed', 'segment_refused'),
    ]
    await record([...final, ...outcomesOf(unsent, 'unsent').filter(isNew)])
    if (error) {
      await report(governor, error)
      throw error.failure
    }
    await governor.reportAccepted()
    return final
  }

  return async function activate(
    events: readonly BatchEvent[],
    run: ActivationRun,
  ): Promise<ActivationResult> {
    const { activityId, attempt, workflowExecution } = activityInfo()
    const attemptId = `${workflowExecution?.runId}/${activityId}/${attempt}`
    const recorded = { ...run, namespace: rules.namespace, attemptId }
    const record: RecordOutcomes = async (outcomes) => {
      const rows = outcomes.map((one) => outcomeRow(one, recorded))
      await appendAll({ warehouse, metrics }, 'activation_log', rows)
    }
    const nowMs = wallClockMs()
    const facts = await lookUp(events)
    const openRuns = await findOpenRuns(runsInQuestion(events, facts, { ...run, nowMs }))
    const plan = await planInTurns(events, facts, rules, { ...run, nowMs, openRuns })
    const sent: Outcome[] = []
    const requests = requestsOf(plan.calls)
    const isProbe = requests.length > 0 && (await governor.isProbing())
    for (const chunk of isProbe ? requests.slice(0, 1) : requests)
      sent.push(...(await send(chunk, record)))
    if (isProbe && requests.length > 1) throw failure('segment_unavailable', PROBED)
    const isRecorded = ({ outcome }: Outcome) => outcome !== 'waiting' || run.recordsWaiting
    await record(plan.unsent.filter(isRecorded))
    const settled = plan.settled.map(acceptedBefore)
    const outcomes = [...sent, ...plan.unsent, ...settled]
    count({ ...run, outcomes, calls: plan.calls }, metrics)
    if (run.countsVersions) {
      const { duplicate, correction } = countVersions(events, facts)
      metrics.eventsDecided.add(duplicate, { decision: 'duplicate' })
      metrics.eventsDecided.add(correction, { decision: 'correction' })
    }
    return { outcomes, dueInSeconds: secondsUntil(plan.dueAtMs, nowMs) }
  }
}

const PROBED =
  'Segment accepted one request after it was unavailable: the next attempt sends the others'

/** Only what a pause can end is told: a setting that is wrong is no reason to slow down. */
async function report(governor: GovernorReport, { serviceError, failure: thrown }: SendError) {
  const kind = TROUBLE[thrown.type ?? '']
  if (kind)
    await governor.reportTrouble(kind, serviceError?.retryAfterSeconds, serviceError?.status)
}

const TROUBLE: Readonly<Record<string, 'throttled' | 'unavailable'>> = {
  segment_throttled: 'throttled',
  segment_unavailable: 'unavailable',
}

const acceptedBefore = (event: BatchEvent): Outcome => ({
  event,
  outcome: 'accepted',
  reason: null,
  decision: null,
})

const secondsUntil = (dueAtMs: number | null, nowMs: number) =>
  dueAtMs === null ? null : Math.max(1, Math.ceil((dueAtMs - nowMs) / 1000))

type Counted = Pick<ActivationRun, 'takesCancellations'> & {
  readonly outcomes: readonly Outcome[]
  readonly calls: readonly ReadyCall[]
}

/** Counted when the attempt has succeeded, so that a retry counts once. */
function count(
  { outcomes, calls, takesCancellations }: Counted,
  { segmentCalls, eventsActivated, identifiersOmitted }: ActivityMetrics,
): void {
  const countOf = (outcome: string) => outcomes.filter((one) => one.outcome === outcome).length
  segmentCalls.add(countOf('accepted'), { outcome: 'accepted' })
  segmentCalls.add(countOf('failed'), { outcome: 'failed' })
  for (const outcome of ['accepted', 'not_activated', 'failed'] as const)
    eventsActivated.add(countOf(outcome), { outcome })
  // Events that have waited before are looked at again and again.
  if (!takesCancellations) eventsActivated.add(countOf('waiting'), { outcome: 'waiting' })
  const omitted: Omission[] = calls.flatMap(({ decision }) => [...decision.omitted])
  for (const [, same] of groupBy(omitted, omissionText)) {
    const [first] = same
    if (first) identifiersOmitted.add(same.length, { ...first })
  }
}
