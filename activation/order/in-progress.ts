// Decides whether an event must wait because another event of its order is on its way to Segment in another run. Pure.
//
// Every run stages its events before it looks up their orders. Of two runs with events of one order, the one that looks later
// therefore sees the event of the other, and waits until that has a final record. Where both wait, the earlier event goes first.

import { isDeadLetterId } from '#contracts/workflow-ids'
import {
  byPublishTime,
  isSameDelivery,
  type LoggedOutcome,
  type OrderFacts,
  type Published,
  type StagedVersion,
} from './facts.ts'
import { type Delivery, type History, isInDoubt, isWholeCancellation } from './history.ts'
import type { Order } from './order.ts'

const DAY_MS = 24 * 60 * 60 * 1000

/** After this time, an event without a final record is waited for only while its run is open: a person may have stopped the run. */
const GIVE_UP_MS = 7 * DAY_MS

export function isInProgress(delivery: Delivery, { history, context }: Order): boolean {
  const redriven = redrivenMessages(delivery, history)
  return history.versions.some(
    (version) =>
      version.runId !== delivery.runId &&
      !redriven.has(version.messageId) &&
      (!isOld(version, context.nowMs) || context.openRuns.has(version.runId)) &&
      blocks(version, delivery, history),
  )
}

const isOld = ({ publishTime }: StagedVersion, nowMs: number) =>
  nowMs - Date.parse(publishTime) >= GIVE_UP_MS

/**
 * The other runs with old events of the order that have no final record: whether these are waited for depends on whether the run
 * is open.
 */
export function unsettledRuns(facts: OrderFacts, ownRunId: string, nowMs: number): string[] {
  const old = facts.staged.filter((version) => version.runId !== ownRunId && isOld(version, nowMs))
  if (old.length === 0) return []
  const records = {
    accepted: facts.logged.filter(({ outcome }) => outcome === 'accepted'),
    others: facts.logged,
  }
  return old.flatMap((version) => (isFinal(version, records) ? [] : [version.runId]))
}

/** The messages of a redrive: the run that brought them before is over. */
function redrivenMessages({ runId }: Delivery, { versions }: History): ReadonlySet<string> {
  if (!isDeadLetterId(runId)) return new Set()
  return new Set(
    versions.filter((version) => version.runId === runId).map(({ messageId }) => messageId),
  )
}

function blocks(version: StagedVersion, delivery: Delivery, history: History): boolean {
  if (isFinal(version, history)) return false
  if (isInDoubt(version, history) || !hasWaited(version, history)) return true
  if (isWholeCancellation(delivery) || !canBeSent(version, history)) return false
  if (version.type === 'cancellation' && !version.isPartial) return true
  // Before it has waited once, this event may be unknown to a run that sends the other one at this moment.
  return !hasWaited(delivery, history) || byPublishTime(version, delivery) < 0
}

type Records = {
  readonly accepted: readonly LoggedOutcome[]
  readonly others: readonly LoggedOutcome[]
}

function isFinal(version: StagedVersion, { accepted, others }: Records): boolean {
  if (accepted.some(({ contentHash }) => contentHash === version.contentHash)) return true
  return others.some((record) => isSameDelivery(record, version) && FINAL.has(record.outcome))
}

const FINAL: ReadonlySet<string> = new Set(['not_activated', 'failed'])

const hasWaited = (delivery: Published, { others }: History) =>
  others.some((record) => isSameDelivery(record, delivery) && record.outcome === 'waiting')

/** A cancellation is sent only after a purchase of its customer. */
const canBeSent = ({ type, customerId }: StagedVersion, { told }: History) =>
  type === 'purchase' || customerId === told?.customerId
