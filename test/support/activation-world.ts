// The tables, Segment and Google Ads as plain lists, and runs that are stopped between any two of their steps.

import type { ActivationCall } from '#activation/calls/call'
import {
  type LoggedOutcome,
  type OrderFacts,
  orderKeyOf,
  type StagedVersion,
} from '#activation/order/facts'
import { laterId, type Message, readEvent, runOf } from '#contracts'
import { STANDARD_PARTNER } from '#runtime/partners/settings'
import type { FactsByOrder } from '../../activities/activation/order-look-up.ts'
import { type Outcome, outcomeRow } from '../../activities/activation/outcome.ts'
import { type CallPlan, outcomesOf, planCalls } from '../../activities/activation/plan-calls.ts'
import type { BatchEvent } from '../../activities/read-batch.ts'
import { createGoogleAds } from './google-ads-model.ts'
import { toLogged } from './logged-outcome.ts'

const DAY_MS = 24 * 60 * 60 * 1_000

/** What befalls a run while it sends: nothing, an outage of Segment, or its end before or after Segment has the calls. */
export type Mishap = 'none' | 'outage' | 'crash before' | 'crash after'

export type Run = {
  readonly batchId: string
  readonly takesCancellations: boolean
  events: readonly BatchEvent[]
  plan: CallPlan | null
  isFirst: boolean
  dueAtMs: number
}

type Keyed<Row> = Row & { readonly key: string }

export type World = ReturnType<typeof createWorld>

export function createWorld(startMs: number) {
  const staged: Keyed<StagedVersion>[] = []
  const logged: Keyed<LoggedOutcome>[] = []
  const accepted = new Map<string, number>()
  const googleAds = createGoogleAds()
  const errors: string[] = []
  const runs: Run[] = []
  let nowMs = startMs
  let batches = 0

  const stage = (messages: readonly Message[]) => {
    const events = messages.map(toBatchEvent)
    const batchId = `batch-${batches++}`
    for (const one of events) staged.push(versionOf(one, batchId))
    runs.push(newRun(batchId, events, false, nowMs))
  }

  const send = (call: ActivationCall) => {
    const before = accepted.get(call.messageId)
    if (before !== undefined && nowMs - before < DAY_MS) return
    accepted.set(call.messageId, nowMs)
    const error = googleAds.take(call, nowMs)
    // After a day, Segment takes a call again that may have been sent, and Google refuses what it has already.
    if (error !== null && before === undefined)
      errors.push(`${error}: ${call.event} ${call.properties.order_id}`)
  }

  const record = (run: Run, outcomes: readonly Outcome[]) => {
    for (const one of outcomes)
      if (one.outcome !== 'waiting' || (run.takesCancellations && run.isFirst))
        logged.push(loggedOf(one, run.batchId, logged.length))
  }

  /** Looks up the orders of the run, or does what it planned then. */
  const step = (run: Run, mishap: Mishap) => {
    if (run.plan === null) {
      const rules = {
        namespace: 'test',
        partners: { of: () => STANDARD_PARTNER, has: () => false },
      }
      const openRuns = new Set(runs.map(({ batchId }) => runOf(batchId)))
      run.plan = planCalls(run.events, factsFrom(staged, logged), rules, {
        ...run,
        nowMs,
        openRuns,
      })
      return
    }
    const { calls, unsent } = run.plan
    run.plan = null
    const inDoubt = new Set(calls.flatMap((call) => [...call.inDoubt]))
    const isNew = ({ event }: Outcome) => !inDoubt.has(event)
    record(run, outcomesOf(calls, 'sending').filter(isNew))
    if (mishap === 'outage') record(run, outcomesOf(calls, 'unsent').filter(isNew))
    if (mishap === 'outage' || mishap === 'crash before') return
    for (const { call } of calls) send(call)
    if (mishap === 'crash after') return
    record(run, [...outcomesOf(calls, 'accepted'), ...unsent])
    finish(
      run,
      unsent.filter(({ outcome }) => outcome === 'waiting'),
    )
  }

  const finish = (run: Run, waiting: readonly Outcome[]) => {
    const events = waiting.map(({ event }) => event)
    if (!run.takesCancellations) {
      runs.splice(runs.indexOf(run), 1)
      if (events.length > 0) runs.push(newRun(laterId(run.batchId, 'abc'), events, true, nowMs))
      return
    }
    run.events = events
    run.isFirst = false
    run.dueAtMs = nowMs + 60_000
    if (events.length === 0) runs.splice(runs.indexOf(run), 1)
  }

  return {
    stage,
    step,
    /** Runs that may go on now. */
    due: () => runs.filter(({ dueAtMs }) => dueAtMs <= nowMs),
    runs: () => runs,
    pass: (ms: number) => {
      nowMs += ms
    },
    now: () => nowMs,
    logged: () => logged,
    errors,
    conversions: () => googleAds.conversions(),
  }
}

const newRun = (
  batchId: string,
  events: readonly BatchEvent[],
  takesCancellations: boolean,
  dueAtMs: number,
): Run => ({ batchId, events, takesCancellations, plan: null, isFirst: true, dueAtMs })

function toBatchEvent(message: Message, index: number): BatchEvent {
  const parsed = readEvent(message)
  if (!parsed.accepted)
    throw new Error(`an event of the test is rejected: ${JSON.stringify(parsed)}`)
  return { index, message, event: parsed.event }
}

const keyOf = ({ event }: BatchEvent) =>
  orderKeyOf({ partnerId: event.partner_id, orderId: event.order_id })

const versionOf = (one: BatchEvent, batchId: string): Keyed<StagedVersion> => ({
  key: keyOf(one),
  type: one.event.type,
  eventId: one.event.event_id,
  contentHash: one.event.content_hash,
  customerId: one.event.customer_id,
  amount: one.event.amount,
  currency: one.event.currency,
  isPartial: one.event.partial === true,
  publishTime: one.message.publishTime,
  messageId: one.message.messageId,
  runId: runOf(batchId),
})

/** By way of the row that is written, so that the columns are what the plan needs. */
function loggedOf(one: Outcome, batchId: string, place: number): Keyed<LoggedOutcome> {
  const { columns } = outcomeRow(one, { batchId, attemptId: '1', namespace: 'test' })
  return { key: keyOf(one.event), ...toLogged(columns, place) }
}

function factsFrom(
  staged: readonly Keyed<StagedVersion>[],
  logged: readonly Keyed<LoggedOutcome>[],
): FactsByOrder {
  const facts = new Map<string, { staged: StagedVersion[]; logged: LoggedOutcome[] }>()
  const of = (key: string) => {
    const known = facts.get(key) ?? { staged: [], logged: [] }
    facts.set(key, known)
    return known
  }
  for (const row of staged) of(row.key).staged.push(row)
  for (const row of logged) of(row.key).logged.push(row)
  return facts satisfies ReadonlyMap<string, OrderFacts>
}
