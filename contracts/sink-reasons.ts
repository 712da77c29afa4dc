// Every reason for which an event that keeps the contract is not staged or not activated. `docs/errors.md` is generated
// from it. Imports types only, so workflows may use it.

import type { Stage } from './batch.ts'

type SinkReasonSpec = {
  /** The stage that the event could not pass; `every` where it may be any. */
  readonly stage: Stage | 'every'
  readonly meaning: string
}

/** Why the event waits in a dead letter. */
export const SINK_REASONS = {
  warehouse_invalid: {
    stage: 'staging',
    meaning:
      'BigQuery refused the row for the value of a column. The reason ends with the name of the column, as in `warehouse_invalid_currency`, where BigQuery names one.',
  },
  warehouse_row_too_large: {
    stage: 'staging',
    meaning: 'The row is larger than BigQuery takes.',
  },
  warehouse_refused: {
    stage: 'staging',
    meaning: 'BigQuery refused the row without naming a column.',
  },
  call_too_large: {
    stage: 'activation',
    meaning: 'The call is larger than Segment takes (32 KB).',
  },
  segment_refused: {
    stage: 'activation',
    meaning: 'Segment refused this call when it was sent alone.',
  },
  call_breaks_plan: {
    stage: 'activation',
    meaning:
      'The call breaks the tracking plan (`contracts/generated/tracking-plan.json`), so that it was not sent. Report it: the pipeline makes such calls only by a defect.',
  },
  poison: {
    stage: 'every',
    meaning:
      'A worker cannot finish processing this message: it blocks its thread, or uses up the memory. Its bytes are in `streaming.audit_log` and in its dead letter. Report it with its message id. Once that is fixed and the workers are replaced, redrive it.',
  },
} as const satisfies Readonly<Record<string, SinkReasonSpec>>

/** A reason of the list, or the one of a row that names its column. */
export type SinkReason = keyof typeof SINK_REASONS | `warehouse_invalid_${string}`

/** The reason of a row whose value BigQuery refuses. @param column of the table; absent where BigQuery names none */
export const invalidValueReason = (column?: string): SinkReason =>
  column === undefined ? 'warehouse_invalid' : `warehouse_invalid_${column}`

/** Why a staged event is held back from Segment: nothing is wrong with it. */
export const NOT_ACTIVATED_REASONS = {
  outside_ads_window:
    'Older than Google Ads takes: 90 days for a purchase, 54 for a cancellation or another change of a conversion.',
  partner_off: 'Activation is switched off for the partner in `partners.yaml`.',
  already_activated: 'Segment has accepted this event before: it came again, or was redriven.',
  superseded: 'Segment has been told of a newer version of this event.',
  value_unchanged: 'The correction changes nothing that Google Ads keeps of the order: its value.',
  other_customer: 'The order was activated for another customer of the same partner.',
  currency_differs:
    'The event has another currency than the order, so that their amounts cannot be added or subtracted.',
  order_cancelled:
    'Segment has been told that the order is cancelled: Google Ads takes no further change of it.',
  cancelled_before_activation:
    'The order was cancelled before its purchase was sent to Segment, so that neither of the two is sent.',
  purchase_not_activated:
    'The purchase of the order was held back from Segment, so that there is nothing to take back.',
  purchase_never_activated:
    'No purchase of the same partner, order and customer was accepted by Segment within the 54 days in which Google Ads takes a cancellation.',
  partial_cancellation:
    'Only a part of the order is cancelled and the event does not say which amount, so that the remaining value is unknown.',
} as const satisfies Readonly<Record<string, string>>

export type NotActivatedReason = keyof typeof NOT_ACTIVATED_REASONS

/** Why a staged event waits before it is sent to Segment. */
export const WAITING_REASONS = {
  purchase_awaited:
    'Segment has not accepted a purchase of the same partner, order and customer yet, so that there is nothing to change or to take back.',
  order_in_progress:
    'Another event of the same order is on its way to Segment: the order is one conversion, and is changed by one event after the other.',
  cooling_off: 'The cooling-off period of the partner has not ended.',
} as const satisfies Readonly<Record<string, string>>

export type WaitingReason = keyof typeof WAITING_REASONS
