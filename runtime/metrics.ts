// The catalogue of the pipeline's own metrics: the name, type, unit and labels of every one.

import type { MetricMeter } from '@temporalio/common'

/** Counters of the bridge. Labels have a bounded number of values, and are never ids. */
export function bridgeMetrics(meter: MetricMeter) {
  return {
    messagesReceived: meter.createCounter(
      'bridge_messages_received_total',
      '1',
      'Messages pulled from Pub/Sub.',
    ),
    batchesStarted: meter.createCounter(
      'bridge_batches_started_total',
      '1',
      'Batch workflows started.',
    ),
    batchesRepeated: meter.createCounter(
      'bridge_batches_repeated_total',
      '1',
      'Starts whose workflow existed already.',
    ),
    messagesReturned: meter.createCounter(
      'bridge_messages_returned_total',
      '1',
      'Messages left to Pub/Sub after a failed start.',
    ),
    messagesDeadLettered: meter.createCounter(
      'bridge_messages_dead_lettered_total',
      '1',
      'Messages that Temporal can never take, published to the dead-letter topic.',
    ),
    pausedSeconds: meter.createCounter(
      'bridge_paused_seconds_total',
      's',
      'Seconds without pulling because too many workflows were open.',
    ),
    partnerRegistryReads: partnerRegistryReads(meter),
  }
}

/** Counters of the activities. */
export function activityMetrics(meter: MetricMeter) {
  return {
    eventsDecided: meter.createCounter(
      'events_decided_total',
      '1',
      'Events by decision (label decision).',
    ),
    rowsWritten: meter.createCounter('rows_written_total', '1', 'Rows written (label table).'),
    segmentCalls: meter.createCounter(
      'segment_calls_total',
      '1',
      'Activation calls by outcome (label outcome).',
    ),
    identifiersOmitted: meter.createCounter(
      'activation_identifiers_omitted_total',
      '1',
      'Identifiers of purchases that could not be used for Google Ads (labels identifier and reason).',
    ),
    partnerRegistryReads: partnerRegistryReads(meter),
    deadLettersOpened: meter.createCounter(
      'dead_letters_opened_total',
      '1',
      'Dead letters opened (label stage).',
    ),
  }
}

/** Metrics of the sweep. */
export function sweepMetrics(meter: MetricMeter) {
  return {
    disagreements: meter.createGauge(
      'dead_letter_disagreements',
      'int',
      '1',
      'Dead letters on which Temporal and the table disagree (label kind).',
    ),
    receiptDisagreements: meter.createGauge(
      'batch_receipt_disagreements',
      'int',
      '1',
      'Ended batches whose acknowledged messages are not in the audit log (label kind).',
    ),
    alertsSent: meter.createCounter(
      'dead_letter_alerts_total',
      '1',
      'Alerts that the webhook accepted.',
    ),
  }
}

/** Metrics of the governor of activation. Any worker may run its steps, so that a gauge of one worker would not be true for long. */
export function governorMetrics(meter: MetricMeter) {
  return {
    limitChanges: meter.createCounter(
      'activation_limit_changes_total',
      '1',
      'Changes of the limit of activation by the governor (label state: throttled, open, probing, recovering or restored).',
    ),
  }
}

/** Metrics of activities that block their thread. */
export function isolationMetrics(meter: MetricMeter) {
  return {
    threadRestarts: meter.createCounter(
      'activity_thread_restarts_total',
      '1',
      'Activity threads that were blocked or ended, and were replaced (label thread).',
    ),
    stepsIsolated: meter.createCounter(
      'steps_isolated_total',
      '1',
      'Steps that a worker could not finish with a whole batch and ran on pieces of it (label activity).',
    ),
  }
}

export type IsolationMetrics = ReturnType<typeof isolationMetrics>
export type GovernorMetrics = ReturnType<typeof governorMetrics>
export type SweepMetrics = ReturnType<typeof sweepMetrics>
/** Bridge and worker each read the registry. */
const partnerRegistryReads = (meter: MetricMeter) =>
  meter.createCounter(
    'partner_registry_reads_total',
    '1',
    'Changes of the partner registry that a process took or refused (label outcome: loaded or refused).',
  )

export type BridgeMetrics = ReturnType<typeof bridgeMetrics>
export type ActivityMetrics = ReturnType<typeof activityMetrics>
