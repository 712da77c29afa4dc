// The metrics of the bridge, as data.

import { STAGES } from '#contracts/dead-letter/vocabulary'
import type { MetricGroup } from './spec.ts'

const BATCH_BUCKETS = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 4_000, 8_000] as const

const SUBSCRIPTIONS = {
  limitedBy:
    'the two subscriptions of the bridge, `PUBSUB_SUBSCRIPTION` and `PUBSUB_RETRY_SUBSCRIPTION`',
} as const

export const BRIDGE_METRICS = {
  messagesReceived: {
    name: 'bridge_messages_received_total',
    type: 'counter',
    unit: 'messages',
    labels: {},
    meaning: 'Messages pulled from Pub/Sub.',
  },
  batchesStarted: {
    name: 'bridge_batches_started_total',
    type: 'counter',
    unit: 'batches',
    labels: {},
    meaning: 'Batch workflows started.',
  },
  batchesRepeated: {
    name: 'bridge_batches_repeated_total',
    type: 'counter',
    unit: 'batches',
    labels: {},
    meaning: 'Starts whose workflow existed already.',
  },
  batchesCut: {
    name: 'bridge_batches_cut_total',
    type: 'counter',
    unit: 'batches',
    labels: {
      cause: ['events', 'bytes', 'linger', 'drain', 'priority', 'message_too_large', 'refused'],
    },
    meaning:
      'Batches by what ended them: the largest number of events or bytes, the time that the first message may wait, the end of the bridge, a noisy partner whose messages get batches of their own, a message that is too large for one batch, or Temporal, which refused a larger batch.',
  },
  batchEvents: {
    name: 'bridge_batch_events',
    type: 'histogram',
    unit: 'messages',
    labels: {},
    meaning: 'Messages in a batch.',
    buckets: BATCH_BUCKETS,
  },
  messagesReturned: {
    name: 'bridge_messages_returned_total',
    type: 'counter',
    unit: 'messages',
    labels: {},
    meaning: 'Messages left to Pub/Sub after a failed start.',
  },
  messagesDeadLettered: {
    name: 'bridge_messages_dead_lettered_total',
    type: 'counter',
    unit: 'messages',
    labels: {},
    meaning: 'Messages that Temporal can never take, published to the dead-letter topic.',
  },
  pausedSeconds: {
    name: 'bridge_paused_seconds_total',
    type: 'counter',
    unit: 'seconds',
    labels: {},
    meaning: 'Seconds without pulling because too many workflows were open.',
  },
  oldestUnacknowledged: {
    name: 'bridge_oldest_unacknowledged_seconds',
    type: 'gauge',
    unit: 'seconds',
    labels: {},
    meaning:
      'Age, by its publish time, of the oldest message that this bridge has pulled and not acknowledged yet; 0 where it has none.',
  },
  backlogMessages: {
    name: 'pubsub_backlog_messages',
    type: 'gauge',
    unit: 'messages',
    labels: { subscription: SUBSCRIPTIONS },
    meaning:
      'Messages of the subscription that are not acknowledged, as Cloud Monitoring has it, up to a few minutes late. Every bridge reports the same: take the maximum.',
  },
  backlogAge: {
    name: 'pubsub_oldest_unacknowledged_seconds',
    type: 'gauge',
    unit: 'seconds',
    labels: { subscription: SUBSCRIPTIONS },
    meaning:
      'Age of the oldest message of the subscription that is not acknowledged, as Cloud Monitoring has it, up to a few minutes late. Every bridge reports the same: take the maximum.',
  },
  openWorkflows: {
    name: 'open_workflows',
    type: 'gauge',
    unit: '1',
    labels: {},
    meaning:
      'Batch workflows that run, without those that only wait for Segment: the number that BRIDGE_MAX_OPEN_WORKFLOWS limits. Every bridge reports the same: take the maximum.',
  },
  deadLettersOpen: {
    name: 'dead_letters_open',
    type: 'gauge',
    unit: '1',
    labels: { stage: STAGES },
    meaning:
      'Dead letters that wait for a person, as Temporal lists them. Every bridge reports the same: take the maximum.',
  },
} as const satisfies MetricGroup
