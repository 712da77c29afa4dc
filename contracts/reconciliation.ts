// The view `reconciliation`, in GoogleSQL: what became of every acknowledged message, by day and partner.

import { DATASET, UNKNOWN_PARTNER } from './names.ts'
import { CONTENTS, IS_DERIVED, IS_ENDED, IS_WHOLE_BATCH } from './row-conditions.ts'

/** The partner of messages that were acknowledged and that the audit log does not have. */
export const NOT_AUDITED = '(not audited)'

const IDENTITY = 'partner_id, type, order_id, event_id'

const stagedRows = (table: string) => `SELECT
    ${IDENTITY}, ${CONTENTS} AS contents, ${IS_DERIVED} AS is_derived,
    timestamp, message_id, publish_time, ingested_at
  FROM ${DATASET}.${table}`

/**
 * Of every version of an accepted event, `deliveries` says how many messages have brought it, and `place` its place among
 * the versions of its event: 1 is the first that was staged. A version is staged where a row has its contents, or where
 * its message was staged with other contents by an edited redrive.
 */
const VERSIONS = `message AS (
  SELECT
    message_id, publish_time, decision, ${IDENTITY}, ${CONTENTS} AS contents,
    DATE(publish_time) AS day
  FROM ${DATASET}.audit_log
  WHERE NOT ${IS_WHOLE_BATCH}
  QUALIFY ROW_NUMBER() OVER (
    PARTITION BY message_id, publish_time
    ORDER BY IF(decision = 'accepted', 0, 1), IF(content_hash IS NULL, 1, 0), ingested_at) = 1
),
staged_row AS (
  ${stagedRows('staging_purchase')}
  UNION ALL
  ${stagedRows('staging_cancellation')}
),
staged_contents AS (
  SELECT ${IDENTITY}, contents, MIN(ingested_at) AS first_at
  FROM staged_row
  GROUP BY ${IDENTITY}, contents
),
staged_message AS (
  SELECT message_id, publish_time, MIN(ingested_at) AS first_at
  FROM staged_row
  GROUP BY message_id, publish_time
),
undeliverable AS (
  SELECT message_id, publish_time, MIN(ingested_at) AS first_at
  FROM ${DATASET}.dead_letter
  WHERE stage = 'staging' OR ${IS_ENDED}
  GROUP BY message_id, publish_time
),
delivered AS (
  SELECT
    message.*, undeliverable.first_at AS dead_at,
    COALESCE(staged_contents.first_at, staged_message.first_at) AS staged_at
  FROM message
  LEFT JOIN staged_contents
    ON staged_contents.partner_id = message.partner_id
    AND staged_contents.type = message.type
    AND staged_contents.order_id = message.order_id
    AND staged_contents.event_id = message.event_id
    AND staged_contents.contents = message.contents
  LEFT JOIN staged_message
    ON staged_message.message_id = message.message_id
    AND staged_message.publish_time = message.publish_time
  LEFT JOIN undeliverable
    ON undeliverable.message_id = message.message_id
    AND undeliverable.publish_time = message.publish_time
  WHERE message.decision = 'accepted'
),
version AS (
  SELECT
    ${IDENTITY}, contents, MIN(publish_time) AS first_published, MIN(day) AS day,
    COUNT(*) AS deliveries, MIN(staged_at) AS staged_at, MIN(dead_at) AS dead_at
  FROM delivered
  GROUP BY ${IDENTITY}, contents
),
placed AS (
  SELECT *, ROW_NUMBER() OVER (
    PARTITION BY ${IDENTITY}
    ORDER BY IF(staged_at IS NULL, 1, 0), first_published, contents) AS place
  FROM version
)`

/** Events without an event id of their own that share partner, type, order and timestamp, and differ. */
const LOOKALIKES = `lookalike AS (
  SELECT ${IDENTITY}, timestamp, MIN(DATE(publish_time)) AS day
  FROM staged_row
  WHERE is_derived
  GROUP BY ${IDENTITY}, timestamp
  QUALIFY COUNT(*) OVER (PARTITION BY partner_id, type, order_id, timestamp) > 1
)`

export const RECONCILIATION = `WITH ${VERSIONS},
${LOOKALIKES},
refused AS (
  SELECT DISTINCT message_id, publish_time FROM ${DATASET}.dead_letter WHERE stage = 'validation'
),
fate AS (
  SELECT
    day, partner_id, deliveries AS messages, deliveries - 1 AS duplicates,
    IF(staged_at IS NOT NULL AND place > 1, 1, 0) AS corrections,
    IF(staged_at IS NOT NULL AND place > 1, 0, 1) AS accepted,
    0 AS rejected, 0 AS not_audited,
    IF(staged_at IS NOT NULL AND place = 1, 1, 0) AS staged,
    IF(staged_at IS NULL AND dead_at IS NOT NULL, 1, 0) AS dead_lettered,
    IF(staged_at > dead_at, 1, 0) AS redriven,
    0 AS lookalikes
  FROM placed
  UNION ALL
  SELECT
    message.day, message.partner_id, 1, 0, 0, 0, 1, 0,
    IF(staged_message.message_id IS NOT NULL, 1, 0),
    IF(staged_message.message_id IS NULL AND refused.message_id IS NOT NULL, 1, 0),
    IF(staged_message.message_id IS NOT NULL, 1, 0),
    0
  FROM message
  LEFT JOIN staged_message
    ON staged_message.message_id = message.message_id
    AND staged_message.publish_time = message.publish_time
  LEFT JOIN refused
    ON refused.message_id = message.message_id AND refused.publish_time = message.publish_time
  WHERE message.decision = 'rejected'
  UNION ALL
  SELECT
    day, IF(is_unreadable, '${UNKNOWN_PARTNER}', '${NOT_AUDITED}'), not_audited, 0, 0, 0,
    IF(is_unreadable, not_audited, 0), IF(is_unreadable, 0, not_audited),
    0, IF(is_unreadable, not_audited, 0), 0, 0
  FROM ${DATASET}.acknowledged
  WHERE not_audited > 0
  UNION ALL
  SELECT day, partner_id, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1
  FROM lookalike
)
SELECT
  day, partner_id,
  SUM(messages) AS messages,
  SUM(duplicates) AS duplicates,
  SUM(corrections) AS corrections,
  SUM(accepted) + SUM(rejected) + SUM(not_audited) AS received,
  SUM(accepted) AS accepted,
  SUM(rejected) AS rejected,
  SUM(staged) AS staged,
  SUM(dead_lettered) AS dead_lettered,
  SUM(redriven) AS redriven,
  SUM(accepted) + SUM(rejected) + SUM(not_audited) - SUM(staged) - SUM(dead_lettered) AS unaccounted,
  SUM(not_audited) AS not_audited,
  SUM(lookalikes) AS lookalikes
FROM fate
GROUP BY day, partner_id`
