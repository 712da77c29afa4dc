// The views over the tables, in GoogleSQL: each event once, and the reconciliation that proves nothing was lost.

import { DATASET, UNKNOWN_PARTNER } from './names.ts'

export type View = { readonly name: string; readonly description: string; readonly query: string }

/** The row of the first delivery of each event, which partner and event id identify. */
const eachOnce = (table: string) => `SELECT *
FROM ${DATASET}.${table}
WHERE TRUE
QUALIFY ROW_NUMBER() OVER (
  PARTITION BY partner_id, event_id ORDER BY publish_time, message_id, ingested_at) = 1`

/** True for a row of `dead_letter` whose event has no violation: its batch ended early. */
export const IS_ENDED = "STARTS_WITH(ARRAY_TO_STRING(reasons, ','), 'batch_')"

/** The batch of a row. Where a batch was split into several workflows, their ids are the id of the batch, a slash and a number. */
export const ROOT_BATCH = "REGEXP_EXTRACT(batch_id, r'^[^/]+')"

/** True for the row with the bytes of a whole batch that could not be read, which is no message. */
export const IS_WHOLE_BATCH = 'message_id = batch_id'

/** The partner of messages that were acknowledged and that the audit log does not have. */
export const NOT_AUDITED = '(not audited)'

const ACKNOWLEDGED = `WITH receipt AS (
  SELECT batch_id, DATE(publish_time) AS day, MAX(messages) AS acknowledged
  FROM ${DATASET}.batch_receipt
  WHERE STRPOS(batch_id, '/') = 0
  GROUP BY batch_id, day
),
audited AS (
  SELECT root_id, day, COUNT(DISTINCT message_id) AS messages
  FROM (
    SELECT ${ROOT_BATCH} AS root_id, DATE(publish_time) AS day, message_id
    FROM ${DATASET}.audit_log
    WHERE part = 0 AND NOT ${IS_WHOLE_BATCH}
  )
  GROUP BY root_id, day
),
unreadable AS (
  SELECT DISTINCT ${ROOT_BATCH} AS root_id FROM ${DATASET}.dead_letter WHERE ${IS_WHOLE_BATCH}
)
SELECT
  receipt.batch_id, receipt.day, receipt.acknowledged,
  COALESCE(audited.messages, 0) AS audited,
  GREATEST(receipt.acknowledged - COALESCE(audited.messages, 0), 0) AS not_audited,
  unreadable.root_id IS NOT NULL AS is_unreadable
FROM receipt
LEFT JOIN audited ON audited.root_id = receipt.batch_id AND audited.day = receipt.day
LEFT JOIN unreadable ON unreadable.root_id = receipt.batch_id`

const RECONCILIATION = `WITH message AS (
  SELECT DISTINCT
    message_id, publish_time, partner_id, decision, type, event_id, DATE(publish_time) AS day
  FROM ${DATASET}.audit_log
  WHERE NOT ${IS_WHOLE_BATCH}
),
event AS (
  SELECT partner_id, type, event_id, MIN(day) AS day, COUNT(*) AS deliveries
  FROM message
  WHERE decision = 'accepted'
  GROUP BY partner_id, type, event_id
),
row_staged AS (
  SELECT partner_id, type, event_id, message_id, publish_time, ingested_at
  FROM ${DATASET}.staging_purchase
  UNION ALL
  SELECT partner_id, type, event_id, message_id, publish_time, ingested_at
  FROM ${DATASET}.staging_cancellation
),
staged AS (
  SELECT partner_id, type, event_id, MIN(ingested_at) AS first_at
  FROM row_staged
  GROUP BY partner_id, type, event_id
),
staged_message AS (
  SELECT DISTINCT message_id, publish_time FROM row_staged
),
undeliverable AS (
  SELECT partner_id, type, event_id, MIN(ingested_at) AS first_at
  FROM ${DATASET}.dead_letter
  WHERE stage = 'staging' OR ${IS_ENDED}
  GROUP BY partner_id, type, event_id
),
refused AS (
  SELECT DISTINCT message_id, publish_time FROM ${DATASET}.dead_letter WHERE stage = 'validation'
),
fate AS (
  SELECT
    event.day, event.partner_id, event.deliveries AS messages,
    event.deliveries - 1 AS duplicates, 1 AS accepted, 0 AS rejected, 0 AS not_audited,
    IF(staged.event_id IS NOT NULL, 1, 0) AS staged,
    IF(staged.event_id IS NULL AND undeliverable.event_id IS NOT NULL, 1, 0) AS dead_lettered,
    IF(staged.first_at > undeliverable.first_at, 1, 0) AS redriven
  FROM event
  LEFT JOIN staged
    ON staged.partner_id = event.partner_id
    AND staged.type = event.type AND staged.event_id = event.event_id
  LEFT JOIN undeliverable
    ON undeliverable.partner_id = event.partner_id
    AND undeliverable.type = event.type AND undeliverable.event_id = event.event_id
  UNION ALL
  SELECT
    message.day, message.partner_id, 1, 0, 0, 1, 0,
    IF(staged_message.message_id IS NOT NULL, 1, 0),
    IF(staged_message.message_id IS NULL AND refused.message_id IS NOT NULL, 1, 0),
    IF(staged_message.message_id IS NOT NULL, 1, 0)
  FROM message
  LEFT JOIN staged_message
    ON staged_message.message_id = message.message_id
    AND staged_message.publish_time = message.publish_time
  LEFT JOIN refused
    ON refused.message_id = message.message_id AND refused.publish_time = message.publish_time
  WHERE message.decision = 'rejected'
  UNION ALL
  SELECT
    day, IF(is_unreadable, '${UNKNOWN_PARTNER}', '${NOT_AUDITED}'), not_audited, 0, 0,
    IF(is_unreadable, not_audited, 0), IF(is_unreadable, 0, not_audited),
    0, IF(is_unreadable, not_audited, 0), 0
  FROM ${DATASET}.acknowledged
  WHERE not_audited > 0
)
SELECT
  day, partner_id,
  SUM(messages) AS messages,
  SUM(duplicates) AS duplicates,
  SUM(accepted) + SUM(rejected) + SUM(not_audited) AS received,
  SUM(accepted) AS accepted,
  SUM(rejected) AS rejected,
  SUM(staged) AS staged,
  SUM(dead_lettered) AS dead_lettered,
  SUM(redriven) AS redriven,
  SUM(accepted) + SUM(rejected) + SUM(not_audited) - SUM(staged) - SUM(dead_lettered) AS unaccounted,
  SUM(not_audited) AS not_audited
FROM fate
GROUP BY day, partner_id`

const IS_CLOSED = 'GREATEST(COALESCE(handled.is_closed, 0), COALESCE(handled_message.is_closed, 0))'

/** The last action in which events failed again, and whether one has closed them. */
const handled = (by: string, rest: string) => `SELECT
    ${by},
    MAX(IF(outcome = 'failed', attempt, 0)) AS last_attempt,
    MAX(IF(outcome = 'closed', 1, 0)) AS is_closed
  FROM ${DATASET}.dead_letter_log
  ${rest}
  GROUP BY ${by}`

/**
 * Each event as it failed last: those that no action has closed, or all, with `is_closed`. An action is about a whole
 * dead letter, or about the messages it names.
 */
export const lastEvents = (of: 'open' | 'all'): string => `WITH handled AS (
  ${handled('dead_letter_id', 'WHERE COALESCE(ARRAY_LENGTH(message_ids), 0) = 0')}
),
handled_message AS (
  ${handled('dead_letter_id, message_id', 'CROSS JOIN UNNEST(message_ids) AS message_id')}
)
SELECT dead_letter.*${of === 'open' ? '' : `,\n  ${IS_CLOSED} AS is_closed`}
FROM ${DATASET}.dead_letter
LEFT JOIN handled ON handled.dead_letter_id = dead_letter.dead_letter_id
LEFT JOIN handled_message
  ON handled_message.dead_letter_id = dead_letter.dead_letter_id
  AND handled_message.message_id = dead_letter.message_id
WHERE COALESCE(dead_letter.attempt, 0) = GREATEST(
    COALESCE(handled.last_attempt, 0), COALESCE(handled_message.last_attempt, 0))${of === 'open' ? `\n  AND ${IS_CLOSED} = 0` : ''}
QUALIFY ROW_NUMBER() OVER (
  PARTITION BY dead_letter.dead_letter_id, dead_letter.message_id, dead_letter.publish_time
  ORDER BY dead_letter.ingested_at) = 1`

export const VIEWS: readonly View[] = [
  {
    name: 'purchase',
    description: 'Each accepted purchase once.',
    query: eachOnce('staging_purchase'),
  },
  {
    name: 'cancellation',
    description: 'Each accepted cancellation once.',
    query: eachOnce('staging_cancellation'),
  },
  {
    name: 'open_dead_letter',
    description: 'Each event that waits for a person once, as it failed last.',
    query: lastEvents('open'),
  },
  {
    name: 'acknowledged',
    description:
      'By batch and day: messages the bridge acknowledged, how many of them the audit log has, and whether the batch could not be read and is a dead letter as a whole.',
    query: ACKNOWLEDGED,
  },
  {
    name: 'reconciliation',
    description:
      'By day and partner: every acknowledged message is staged, dead-lettered, a duplicate, or unaccounted for (in flight, or lost). What was redriven is staged, and no longer dead-lettered.',
    query: RECONCILIATION,
  },
]
