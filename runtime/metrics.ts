// The catalogue of our own metrics: every name, type, unit and label stands here and nowhere else.

import type { MetricMeter } from '@temporalio/common'

/** Counters of the bridge. Labels are bounded: never an id. */
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
      'Starts that found their workflow already there.',
    ),
    messagesReturned: meter.createCounter(
      'bridge_messages_returned_total',
      '1',
      'Messages left to Pub/Sub after a failed start.',
    ),
    messagesDeadLettered: meter.createCounter(
      'bridge_messages_dead_lettered_total',
      '1',
      'Messages Temporal can never take, published to the dead-letter topic.',
    ),
    pausedSeconds: meter.createCounter(
      'bridge_paused_seconds_total',
      's',
      'Seconds without pulling because too many workflows were open.',
    ),
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
    deadLettersOpened: meter.createCounter(
      'dead_letters_opened_total',
      '1',
      'Dead letters opened (label stage).',
    ),
  }
}

/** What the sweep tells of dead letters. */
export function sweepMetrics(meter: MetricMeter) {
  return {
    disagreements: meter.createGauge(
      'dead_letter_disagreements',
      'int',
      '1',
      'Dead letters Temporal and the table disagree on (label kind).',
    ),
    receiptDisagreements: meter.createGauge(
      'batch_receipt_disagreements',
      'int',
      '1',
      'Ended batches whose acknowledged messages are not in the audit log (label kind).',
    ),
    alertsSent: meter.createCounter('dead_letter_alerts_total', '1', 'Alerts the webhook took.'),
  }
}

/** What the worker tells of activities that hold up their thread. */
export function isolationMetrics(meter: MetricMeter) {
  return {
    threadRestarts: meter.createCounter(
      'activity_thread_restarts_total',
      '1',
      'Activity threads that were stuck or died, and were replaced (label thread).',
    ),
    stepsIsolated: meter.createCounter(
      'steps_isolated_total',
      '1',
      'Steps of a batch that a worker could not finish, and cut into pieces (label activity).',
    ),
  }
}

export type IsolationMetrics = ReturnType<typeof isolationMetrics>
export type SweepMetrics = ReturnType<typeof sweepMetrics>
export type BridgeMetrics = ReturnType<typeof bridgeMetrics>
export type ActivityMetrics = ReturnType<typeof activityMetrics>
