// The metrics of the sweep, of the governor of activation and of activity threads, as data.

import { GOVERNOR_STATES } from '#contracts/activation-limit'
import { DISAGREEMENTS, RECEIPT_DISAGREEMENTS } from '#contracts/sweep'
import type { MetricGroup } from './spec.ts'

/** The state where the limit is what a person set, or none. */
export const RESTORED = 'restored'

const byNewest = (check: string) =>
  `The worker with the largest \`sweep_last_run_timestamp_seconds{check="${check}"}\` has the current value.`

export const SWEEP_METRICS = {
  lastSweep: {
    name: 'sweep_last_run_timestamp_seconds',
    type: 'gauge',
    unit: 'seconds',
    labels: { check: ['dead_letters', 'receipts'] },
    meaning:
      'When this worker last compared the dead letters, or the receipts and the ledger, in seconds of the Unix epoch. Any worker may run a check: the one with the largest value has the current results.',
  },
  ledgerUnaccounted: {
    name: 'ledger_unaccounted_events',
    type: 'gauge',
    unit: 'messages',
    labels: {},
    meaning: `Messages of ended batches that are neither staged nor rejected nor repeated nor in a dead letter, of the last two days. ${byNewest('receipts')}`,
  },
  disagreements: {
    name: 'dead_letter_disagreements',
    type: 'gauge',
    unit: '1',
    labels: { kind: Object.keys(DISAGREEMENTS) },
    meaning: `Dead letters on which Temporal and the table disagree. ${byNewest('dead_letters')}`,
  },
  receiptDisagreements: {
    name: 'batch_receipt_disagreements',
    type: 'gauge',
    unit: 'batches',
    labels: { kind: Object.keys(RECEIPT_DISAGREEMENTS) },
    meaning: `Ended batches whose acknowledged messages are not in the audit log. ${byNewest('receipts')}`,
  },
  alertsSent: {
    name: 'dead_letter_alerts_total',
    type: 'counter',
    unit: '1',
    labels: {},
    meaning: 'Alerts that the webhook accepted.',
  },
} as const satisfies MetricGroup

export const GOVERNOR_METRICS = {
  limitChanges: {
    name: 'activation_limit_changes_total',
    type: 'counter',
    unit: '1',
    labels: { state: [...GOVERNOR_STATES, RESTORED] },
    meaning: 'Changes of the limit of activation by the governor.',
  },
} as const satisfies MetricGroup

export const ISOLATION_METRICS = {
  threadRestarts: {
    name: 'activity_thread_restarts_total',
    type: 'counter',
    unit: '1',
    labels: { thread: ['shared', 'quarantine'] },
    meaning: 'Activity threads that were blocked or ended, and were replaced.',
  },
  stepsIsolated: {
    name: 'steps_isolated_total',
    type: 'counter',
    unit: '1',
    labels: { activity: { limitedBy: 'the names of the activities' } },
    meaning: 'Steps that a worker could not finish with a whole batch and ran on pieces of it.',
  },
} as const satisfies MetricGroup
