// The metrics of the activities of batches, as data.

import { STAGES } from '#contracts/dead-letter/vocabulary'
import { IDENTIFIERS, OMISSION_REASONS } from '#contracts/google-ads'
import { POISON } from '#contracts/poison'
import { REASONS } from '#contracts/reasons'
import { TABLE_NAMES } from '#contracts/tables'
import type { MetricGroup } from './spec.ts'

/** Seconds. The targets of the pipeline are among them: 60 s until an event is staged. */
const LATENCY_BUCKETS = [
  0.5, 1, 2, 5, 10, 20, 30, 60, 120, 300, 900, 3_600, 21_600, 86_400,
] as const

/** Validation gives the reasons of the contract; a message that no worker can process is poison. */
const REJECTION_REASONS: readonly string[] = [...Object.keys(REASONS), POISON]

/** The value of the label `partner` for all partners that the registry does not name. */
export const OTHER_PARTNERS = 'other'

const PARTNERS = {
  limitedBy: `the partners that \`partners.yaml\` names; all others are \`${OTHER_PARTNERS}\``,
} as const

export const ACTIVITY_METRICS = {
  eventsDecided: {
    name: 'events_decided_total',
    type: 'counter',
    unit: 'events',
    labels: { decision: ['accepted', 'rejected', 'duplicate', 'correction'] },
    meaning:
      'Events by decision. Validation decides between accepted, rejected and duplicates within a batch. Once their orders were looked up, accepted events that repeat an event of another batch count as duplicates as well, and those that change an earlier event as corrections.',
  },
  eventsRejected: {
    name: 'events_rejected_total',
    type: 'counter',
    unit: 'events',
    labels: { reason: REJECTION_REASONS },
    meaning:
      'Rejected events by reason (docs/errors.md). An event counts once for each rule that it breaks.',
  },
  partnerEvents: {
    name: 'partner_events_total',
    type: 'counter',
    unit: 'events',
    labels: { partner: PARTNERS, decision: ['accepted', 'rejected', 'duplicate'] },
    meaning: 'Events by partner and what validation decided.',
  },
  partnerRejections: {
    name: 'partner_rejections_total',
    type: 'counter',
    unit: 'events',
    labels: { partner: PARTNERS, reason: REJECTION_REASONS },
    meaning:
      'Rejected events by partner and reason. An event counts once for each rule that it breaks.',
  },
  partnerNewestEvent: {
    name: 'partner_newest_event_timestamp_seconds',
    type: 'gauge',
    unit: 'seconds',
    labels: { partner: PARTNERS },
    meaning:
      'Publish time, in seconds of the Unix epoch, of the newest event of the partner that this worker has seen, valid or not. Take the maximum of all workers.',
  },
  rowsWritten: {
    name: 'rows_written_total',
    type: 'counter',
    unit: '1',
    labels: { table: TABLE_NAMES },
    meaning: 'Rows written to BigQuery.',
  },
  publishToStaged: {
    name: 'event_publish_to_staged_seconds',
    type: 'histogram',
    unit: 'seconds',
    labels: {},
    meaning:
      'Time from the publish time of an event until its row is in its staging table. A redriven event counts from when it was published.',
    buckets: LATENCY_BUCKETS,
  },
  publishToAccepted: {
    name: 'event_publish_to_accepted_seconds',
    type: 'histogram',
    unit: 'seconds',
    labels: {},
    meaning:
      'Time from the publish time of an event until Segment has accepted its call. Events that wait, such as cancellations, and redriven events count from when they were published.',
    buckets: LATENCY_BUCKETS,
  },
  segmentCalls: {
    name: 'segment_calls_total',
    type: 'counter',
    unit: 'events',
    labels: { outcome: ['accepted', 'failed'] },
    meaning: 'Events that Segment was told of, and those whose calls can never succeed.',
  },
  eventsActivated: {
    name: 'events_activated_total',
    type: 'counter',
    unit: 'events',
    labels: { outcome: ['accepted', 'not_activated', 'waiting', 'failed'] },
    meaning:
      'Staged events by what became of them at Segment. An event that waits counts once as waiting, and again with its final outcome; a redriven event counts again.',
  },
  identifiersOmitted: {
    name: 'activation_identifiers_omitted_total',
    type: 'counter',
    unit: '1',
    labels: { identifier: IDENTIFIERS, reason: Object.keys(OMISSION_REASONS) },
    meaning: 'Identifiers of purchases that could not be used for Google Ads.',
  },
  deadLettersOpened: {
    name: 'dead_letters_opened_total',
    type: 'counter',
    unit: '1',
    labels: { stage: STAGES },
    meaning: 'Dead letters opened.',
  },
  changeEventsPublished: {
    name: 'change_events_published_total',
    type: 'counter',
    unit: 'events',
    labels: { kind: ['created', 'corrected', 'cancelled'] },
    meaning: 'Change events of orders that were published. None where that is switched off.',
  },
} as const satisfies MetricGroup
