// Decides whether an event must wait because another event of its order is on its way to Segment in another run. Pure.
//
// Every run stages its events before it looks up their orders. Of two runs with events of one order, the one that looks later
// therefore sees the event of the other, and waits until that has a final record. Where both wait, the earlier event goes first.

import { isDeadLetterId } from '#contracts/workflow-ids'
import { byPublishTime, isSameDelivery, type Published, type StagedVersion } from './facts.ts'
import { type Delivery, type History, isInDoubt, isWholeCancellation } from './history.ts'
import type { Order } from './order.ts'

const DAY_MS = 24 * 60 * 60 * 1000

/** An event without a final record is waited for no longer than this: its batch was stopped by a person. */
const GIVE_UP_MS = 7 * DAY_MS

export function isInProgress(delivery: Delivery, { history, context }: Order): boolean {
  const redriven = redrivenMessages(delivery, history)
  return history.versions.some(
    (version) =>
      version.runId !== delivery.runId &&
      !redriven.has(version.messageId) &&
      context.nowMs - Date.parse(version.publishTime) < GIVE_UP_MS &&
      blocks(version, delivery, history),
  )
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

function isFinal(version: StagedVersion, { accepted, others }: History): boolean {
  if (accepted.some(({ contentHash }) => contentHash === version.contentHash)) return true
  return others.some((record) => isSameDelivery(record, version) && FINAL.has(record.outcome))
}

const FINAL: ReadonlySet<string> = new Set(['not_activated', 'failed'])

const hasWaited = (delivery: Published, { others }: History) =>
  others.some((record) => isSameDelivery(record, delivery) && record.outcome === 'waiting')

/** A cancellation is sent only after a purchase of its customer. */
const canBeSent = ({ type, customerId }: StagedVersion, { told }: History) =>
  type === 'purchase' || customerId === told?.customerId
