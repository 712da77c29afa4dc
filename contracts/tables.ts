// The one definition of every BigQuery table: Terraform, the local stack, `npm run setup` and the writers take it from here.

import { type Column, ingestedAt, nullable, repeated, required } from './columns.ts'
import { contentHash, identity, origin, staging } from './event-columns.ts'

export type { Column, ColumnType } from './columns.ts'

export type Table = {
  readonly name: TableName
  readonly description: string
  readonly columns: readonly Column[]
  /** Tables are partitioned by day of this column. */
  readonly partitionBy: string
  readonly clusterBy: readonly string[]
}

const DEFINITIONS = [
  {
    name: 'audit_log',
    description: 'Every message exactly as received, one row a delivery, and what was decided.',
    columns: [
      required('message_id', 'STRING', 'Pub/Sub message id.'),
      required('publish_time', 'TIMESTAMP', 'When Pub/Sub took the message.'),
      required('data', 'BYTES', 'The exact bytes of the message, or of this part of it.'),
      required('attributes', 'JSON', 'The attributes of the message.'),
      required('part', 'INTEGER', 'Which part of the message this is, from 0.'),
      required('parts', 'INTEGER', 'How many parts the message has: 1 unless it was too large.'),
      required('decision', 'STRING', 'accepted or rejected.'),
      repeated('reasons', 'STRING', 'Every rule a rejected message breaks.'),
      required('partner_id', 'STRING', 'Who published it, or unknown.'),
      nullable('type', 'STRING', 'purchase or cancellation, where readable.'),
      nullable('event_id', 'STRING', 'Event id, where readable.'),
      nullable('order_id', 'STRING', 'Order id, where readable.'),
      contentHash,
      required('batch_id', 'STRING', 'Workflow id of the batch that carried it.'),
      ingestedAt,
    ],
    partitionBy: 'publish_time',
    clusterBy: ['partner_id', 'order_id'],
  },
  {
    name: 'staging_purchase',
    description:
      'Every version of every accepted purchase, at least once; the view `purchase` has the newest of each.',
    columns: staging(required('amount', 'NUMERIC', 'Price paid.')),
    partitionBy: 'publish_time',
    clusterBy: ['partner_id', 'order_id'],
  },
  {
    name: 'staging_cancellation',
    description:
      'Every version of every accepted cancellation, at least once; the view `cancellation` has the newest of each.',
    columns: staging(
      required('reason', 'STRING', 'Why it was cancelled.'),
      nullable('amount', 'NUMERIC', 'What was cancelled of the price, where the partner says it.'),
      nullable('partial', 'BOOLEAN', 'True where a part of the order is cancelled.'),
    ),
    partitionBy: 'publish_time',
    clusterBy: ['partner_id', 'order_id'],
  },
  {
    name: 'dead_letter',
    description: 'Every event that could not go on, whole, and why.',
    columns: [
      required('dead_letter_id', 'STRING', 'Workflow id of the dead letter.'),
      required('stage', 'STRING', 'validation, staging or activation.'),
      required('partner_id', 'STRING', 'Who published it, or unknown.'),
      nullable('type', 'STRING', 'purchase or cancellation, where readable.'),
      nullable('event_id', 'STRING', 'Event id, where readable.'),
      nullable('order_id', 'STRING', 'Order id, where readable.'),
      repeated('reasons', 'STRING', 'Every reason it could not go on.'),
      required('faults', 'JSON', 'Per fault: reason, path, expected, received.'),
      nullable('data', 'BYTES', 'The exact bytes; null where too large: see the audit log.'),
      required('attributes', 'JSON', 'The attributes of the message.'),
      nullable('attempt', 'INTEGER', 'The redrive it failed again in, from 1; null or 0 at first.'),
      ...origin,
    ],
    partitionBy: 'publish_time',
    clusterBy: ['partner_id', 'stage'],
  },
  {
    name: 'dead_letter_log',
    description: 'What people did with a dead letter, and what came of it.',
    columns: [
      required('dead_letter_id', 'STRING', 'Workflow id of the dead letter.'),
      required('action', 'STRING', 'redrive, republish or discard.'),
      required('attempt', 'INTEGER', 'The number of the action on this dead letter, from 1.'),
      required(
        'outcome',
        'STRING',
        'closed: nothing of what it took is open any more. failed: what failed again is open.',
      ),
      required('actor', 'STRING', 'Who did it.'),
      required('reason', 'STRING', 'Why, in their words.'),
      nullable('patch', 'JSON', 'What was changed, by message: JSON Patch, or new bytes.'),
      required('events', 'INTEGER', 'Events the action took.'),
      repeated(
        'message_ids',
        'STRING',
        'Those it was limited to; empty where it took all that were open.',
      ),
      required('failed', 'INTEGER', 'Events of them that failed again.'),
      required('run_id', 'STRING', 'The run in Temporal.'),
      required('occurred_at', 'TIMESTAMP', 'When it was asked for: the same on every retry.'),
      ingestedAt,
    ],
    partitionBy: 'occurred_at',
    clusterBy: ['dead_letter_id'],
  },
  {
    name: 'activation_log',
    description: 'What became of every accepted event at Segment.',
    columns: [
      ...identity,
      contentHash,
      nullable('customer_id', 'STRING', 'Who bought or cancelled.'),
      required(
        'outcome',
        'STRING',
        'accepted (by Segment), not_activated or failed; before that waiting, sending or unsent.',
      ),
      nullable(
        'reason',
        'STRING',
        'Why it was not activated, why it failed, or what it waits for.',
      ),
      required('segment_message_id', 'STRING', 'The id Segment deduplicates by.'),
      nullable('call', 'STRING', 'The Segment event it became, such as Order Completed.'),
      nullable('value', 'NUMERIC', 'The value of the whole order that the call told Segment.'),
      nullable('currency', 'STRING', 'ISO 4217: of the value.'),
      nullable('amount', 'NUMERIC', 'The amount of the event itself.'),
      nullable('told_at', 'TIMESTAMP', 'The timestamp of the call.'),
      nullable('click_id', 'STRING', 'Which click id the call carried: gclid, gbraid or wbraid.'),
      nullable('google_ads', 'STRING', 'intended or excluded; null where that was not decided.'),
      nullable('google_ads_reason', 'STRING', 'Why the event is excluded from Google Ads.'),
      repeated('omitted_identifiers', 'STRING', 'What was left out, such as phone_unparseable.'),
      ...origin,
    ],
    partitionBy: 'publish_time',
    clusterBy: ['partner_id', 'order_id'],
  },
  {
    name: 'batch_ledger',
    description: 'The sums of every finished batch.',
    columns: [
      required('batch_id', 'STRING', 'Workflow id of the batch.'),
      required('publish_time', 'TIMESTAMP', 'Publish time of its oldest message.'),
      required('received', 'INTEGER', 'Messages in the batch: accepted, rejected and duplicates.'),
      required('accepted', 'INTEGER', 'Events that keep the contract.'),
      required('rejected', 'INTEGER', 'Messages that break it.'),
      required('duplicates', 'INTEGER', 'Events that repeat the contents of another of the batch.'),
      required('staged_purchase', 'INTEGER', 'Rows written to staging_purchase.'),
      required('staged_cancellation', 'INTEGER', 'Rows written to staging_cancellation.'),
      required('undeliverable', 'INTEGER', 'Accepted events BigQuery or Segment can never take.'),
      required('activated', 'INTEGER', 'Calls accepted by Segment.'),
      required(
        'not_activated',
        'INTEGER',
        'Events held back from Segment, with a reason in activation_log.',
      ),
      nullable(
        'waiting',
        'INTEGER',
        'Events that were handed to a workflow of type activateLater; activation_log has what became of them.',
      ),
      ingestedAt,
    ],
    partitionBy: 'publish_time',
    clusterBy: ['batch_id'],
  },
  {
    name: 'batch_receipt',
    description:
      'What the bridge acknowledged: the messages of every batch by day of publishing, counted before the batch was read. A row may be repeated.',
    columns: [
      required('batch_id', 'STRING', 'Workflow id of the batch.'),
      required('publish_time', 'TIMESTAMP', 'Publish time of the oldest of these messages.'),
      required('messages', 'INTEGER', 'Messages of the batch that were published on that UTC day.'),
      nullable(
        'message_digest',
        'STRING',
        'SHA-256 of the sorted message ids of the whole batch, in hex; null where the bridge gave none.',
      ),
      required('source', 'STRING', 'Who wrote the row: batch, or sweep where the batch had not.'),
      ingestedAt,
    ],
    partitionBy: 'publish_time',
    clusterBy: ['batch_id'],
  },
  {
    name: 'erasure_log',
    description: 'The receipt of every erasure of a person, without a word about the person.',
    columns: [
      required('subject', 'STRING', 'Stands for partner and customer: a digest.'),
      required('actor', 'STRING', 'Who asked for it.'),
      required('reason', 'STRING', 'Why, in their words.'),
      required('requested_at', 'TIMESTAMP', 'When it was asked for.'),
      required('finished_at', 'TIMESTAMP', 'When nothing of the person was left.'),
      required('receipt', 'JSON', 'What was erased where, and what was left and why.'),
      ingestedAt,
    ],
    partitionBy: 'finished_at',
    clusterBy: ['subject'],
  },
] as const satisfies readonly (Omit<Table, 'name'> & { name: string })[]

export type TableName = (typeof DEFINITIONS)[number]['name']

export const TABLE_NAMES: readonly TableName[] = DEFINITIONS.map(({ name }) => name)

export const TABLES: readonly Table[] = DEFINITIONS
