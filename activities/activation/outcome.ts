// What became of one event at Segment, and its row of the activation log.

import type { CallDecision } from '#activation/calls/call'
import { cancelledMessageId } from '#activation/calls/cancelled'
import { completedMessageId } from '#activation/calls/completed'
import {
  type ActivationOutcome,
  identityOf,
  type NotActivatedReason,
  omissionText,
  type SinkReason,
  type WaitingReason,
} from '#contracts'
import type { Row } from '#warehouse/warehouse'
import type { BatchEvent } from '../read-batch.ts'

export type Outcome = {
  readonly event: BatchEvent
  readonly outcome: ActivationOutcome
  readonly reason: NotActivatedReason | SinkReason | WaitingReason | null
  /** The call that told Segment of the event, or that Segment refused; null where none was made. */
  readonly decision: CallDecision | null
}

export type RecordedRun = {
  readonly batchId: string
  /** Distinguishes the attempts of an activity in all runs of its workflow: a repeated attempt writes new rows. */
  readonly attemptId: string
  readonly namespace: string
}

/** Pure. */
export function outcomeRow(one: Outcome, { batchId, attemptId, namespace }: RecordedRun): Row {
  const { event: delivered, outcome, reason, decision } = one
  const { event, message } = delivered
  return {
    key: [batchId, attemptId, ...identityOf(event), message.messageId, outcome],
    columns: {
      event_id: event.event_id,
      partner_id: event.partner_id,
      type: event.type,
      order_id: event.order_id,
      content_hash: event.content_hash,
      customer_id: event.customer_id,
      amount: event.amount,
      outcome,
      reason,
      segment_message_id: decision?.call.messageId ?? messageIdOf(delivered, namespace),
      ...callColumns(decision),
      ...googleAdsColumns(one),
      message_id: message.messageId,
      publish_time: message.publishTime,
      batch_id: batchId,
    },
  }
}

/** The id that the call would have had. */
const messageIdOf = ({ event }: BatchEvent, namespace: string) =>
  event.type === 'purchase'
    ? completedMessageId(event, namespace)
    : cancelledMessageId(event, namespace)

function callColumns(decision: CallDecision | null) {
  if (decision === null) return {}
  const { call, value, currency, clickId } = decision
  return { call: call.event, value, currency, told_at: call.timestamp, click_id: clickId }
}

function googleAdsColumns({ decision, outcome, reason }: Outcome) {
  if (decision !== null) {
    const { excluded, omitted } = decision
    return {
      google_ads: excluded === null ? 'intended' : 'excluded',
      google_ads_reason: excluded,
      omitted_identifiers: omitted.map(omissionText),
    }
  }
  if (outcome !== 'not_activated') return { omitted_identifiers: [] }
  return { google_ads: 'excluded', google_ads_reason: reason, omitted_identifiers: [] }
}
