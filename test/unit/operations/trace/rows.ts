// Rows and runs as a trace reads them: a good purchase of dealer-7, and what a test says differs.

import type { Facts } from '#operations/trace/facts'
import type { Rows } from '#operations/trace/rows'
import type { Run } from '#operations/trace/runs'
import type { HandledRow } from '#warehouse/sql/order-actions'
import type { ActivationRow, AuditRow, DeadRow, StagedRow } from '#warehouse/sql/order-rows'

const START = Date.parse('2026-11-25T08:00:00.000Z')

/** Seconds after the order was published. */
export const timeAt = (second: number) =>
  new Date(START + second * 1000).toISOString().replace('Z', '000Z')

export const NOW = timeAt(1000)

const origin = {
  message_id: 'm1',
  publish_time: timeAt(0),
  batch_id: 'batch-1',
  ingested_at: timeAt(2),
}

export const audited = (differs: Partial<AuditRow> = {}): AuditRow => ({
  ...origin,
  decision: 'accepted',
  reasons: [],
  type: 'purchase',
  event_id: 'e1',
  redrive_of: null,
  ...differs,
})

export const staged = (differs: Partial<StagedRow> = {}): StagedRow => ({
  ...origin,
  type: 'purchase',
  event_id: 'e1',
  content_hash: 'h1',
  ...differs,
})

export const activated = (differs: Partial<ActivationRow> = {}): ActivationRow => ({
  ...origin,
  type: 'purchase',
  event_id: 'e1',
  outcome: 'accepted',
  reason: null,
  google_ads: null,
  google_ads_reason: null,
  omitted_identifiers: [],
  ...differs,
})

export const LETTER = 'dead-letter/batch-1/dealer-7-0/validation'

export const dead = (differs: Partial<DeadRow> = {}): DeadRow => ({
  ...origin,
  dead_letter_id: LETTER,
  stage: 'validation',
  type: 'purchase',
  event_id: 'e1',
  reasons: ['amount_not_a_number'],
  faults: [],
  attempt: 0,
  ...differs,
})

export const handled = (differs: Partial<HandledRow> = {}): HandledRow => ({
  dead_letter_id: LETTER,
  action: 'redrive',
  attempt: 1,
  outcome: 'closed',
  actor: 'anna',
  reason: 'amount corrected',
  events: 1,
  failed: 0,
  run_id: 'r1',
  occurred_at: timeAt(60),
  ingested_at: timeAt(61),
  ...differs,
})

export const run = (differs: Partial<Extract<Run, { isKnown: true }>> = {}): Run => ({
  workflowId: 'batch-1',
  isKnown: true,
  status: 'COMPLETED',
  startedAt: timeAt(1),
  closedAt: null,
  pending: [],
  failedAttempts: [],
  ...differs,
})

export function facts(rows: Partial<Rows>, runs: readonly Run[] = []): Facts {
  return {
    subject: {
      partnerId: 'dealer-7',
      orderId: 'A001',
      messageIds: ['m1'],
      from: timeAt(0),
      to: timeAt(0),
    },
    rows: { audited: [], staged: [], activated: [], dead: [], handled: [], missing: [], ...rows },
    runs,
    missing: [],
  }
}
