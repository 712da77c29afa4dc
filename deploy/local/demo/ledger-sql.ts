// What the demo's ledger counts in the tables.

import { z } from 'zod'
import { DATASET, IS_WHOLE_BATCH } from '#contracts'
import { count } from '#warehouse/sql/columns'

export const SUMS = {
  sql: `SELECT
  COALESCE(SUM(messages) - SUM(not_audited), 0) AS audited, COALESCE(SUM(duplicates), 0) AS duplicates,
  COALESCE(SUM(corrections), 0) AS corrections, COALESCE(SUM(lookalikes), 0) AS lookalikes,
  COALESCE(SUM(received), 0) AS received, COALESCE(SUM(accepted), 0) AS accepted,
  COALESCE(SUM(rejected), 0) AS rejected, COALESCE(SUM(unaccounted), 0) AS unaccounted
FROM ${DATASET}.reconciliation`,
  params: {},
  row: z.object({
    audited: count,
    duplicates: count,
    corrections: count,
    lookalikes: count,
    received: count,
    accepted: count,
    rejected: count,
    unaccounted: count,
  }),
}

/**
 * An event that came twice, or was redriven, may have come further the second time: the furthest counts, and only
 * that. A rejected message is in a dead letter of validation for good; its event is `redriven` where it is staged.
 */
export const COUNTS = {
  sql: `WITH staged_version AS (
  SELECT DISTINCT partner_id, type, order_id, event_id, content_hash FROM ${DATASET}.staging_purchase
  UNION ALL
  SELECT DISTINCT partner_id, type, order_id, event_id, content_hash FROM ${DATASET}.staging_cancellation
),
staged_event AS (
  SELECT DISTINCT partner_id, type, order_id, event_id FROM staged_version
),
rejected AS (
  SELECT DISTINCT message_id, publish_time FROM ${DATASET}.audit_log
  WHERE decision = 'rejected' AND NOT ${IS_WHOLE_BATCH}
),
accepted AS (
  SELECT DISTINCT partner_id, type, order_id, event_id FROM ${DATASET}.audit_log WHERE decision = 'accepted'
),
redriven AS (
  SELECT DISTINCT partner_id, type, order_id, event_id FROM (
    SELECT partner_id, type, order_id, event_id, message_id, publish_time FROM ${DATASET}.staging_purchase
    UNION ALL
    SELECT partner_id, type, order_id, event_id, message_id, publish_time FROM ${DATASET}.staging_cancellation
  ) AS one
  JOIN rejected
    ON rejected.message_id = one.message_id AND rejected.publish_time = one.publish_time
),
settled AS (
  SELECT partner_id, type, order_id, event_id, MAX(IF(outcome = 'accepted', 1, 0)) AS is_activated
  FROM ${DATASET}.activation_log
  WHERE outcome IN ('accepted', 'not_activated')
  GROUP BY partner_id, type, order_id, event_id
),
staged_message AS (
  SELECT DISTINCT message_id, publish_time FROM ${DATASET}.staging_purchase
  UNION DISTINCT
  SELECT DISTINCT message_id, publish_time FROM ${DATASET}.staging_cancellation
),
unstaged AS (
  SELECT DISTINCT one.partner_id, one.type, one.order_id, one.event_id, one.content_hash
  FROM ${DATASET}.audit_log AS one
  JOIN ${DATASET}.dead_letter AS letter
    ON letter.message_id = one.message_id AND letter.publish_time = one.publish_time
  LEFT JOIN staged_version
    ON staged_version.partner_id = one.partner_id AND staged_version.type = one.type
    AND staged_version.order_id = one.order_id AND staged_version.event_id = one.event_id
    AND staged_version.content_hash = one.content_hash
  LEFT JOIN staged_message
    ON staged_message.message_id = one.message_id AND staged_message.publish_time = one.publish_time
  WHERE letter.stage = 'staging' AND one.decision = 'accepted'
    AND staged_version.event_id IS NULL AND staged_message.message_id IS NULL
),
dead AS (
  SELECT DISTINCT stage, partner_id, type, order_id, event_id FROM ${DATASET}.dead_letter
  WHERE stage != 'validation'
)
SELECT
  (SELECT COUNT(*) FROM ${DATASET}.purchase) AS purchase,
  (SELECT COUNT(*) FROM ${DATASET}.cancellation) AS cancellation,
  (SELECT COUNT(*) FROM redriven LEFT JOIN accepted
    ON accepted.partner_id = redriven.partner_id AND accepted.type = redriven.type AND accepted.order_id = redriven.order_id AND accepted.event_id = redriven.event_id
    WHERE accepted.event_id IS NULL) AS redriven,
  (SELECT COUNT(*) FROM ${DATASET}.open_dead_letter) AS open,
  (SELECT COUNT(*) FROM settled WHERE is_activated = 1) AS activated,
  (SELECT COUNT(*) FROM settled WHERE is_activated = 0) AS not_activated,
  (SELECT COUNT(*) FROM staged_event
    LEFT JOIN settled
      ON settled.partner_id = staged_event.partner_id AND settled.type = staged_event.type
      AND settled.order_id = staged_event.order_id AND settled.event_id = staged_event.event_id
    LEFT JOIN dead
      ON dead.stage = 'activation' AND dead.partner_id = staged_event.partner_id AND dead.type = staged_event.type
      AND dead.order_id = staged_event.order_id AND dead.event_id = staged_event.event_id
    WHERE settled.event_id IS NULL AND dead.event_id IS NULL) AS waiting,
  (SELECT COUNT(DISTINCT segment_message_id) FROM ${DATASET}.activation_log
    WHERE outcome = 'accepted') AS calls,
  (SELECT COUNT(*) FROM rejected JOIN (
    SELECT DISTINCT message_id, publish_time FROM ${DATASET}.dead_letter
    WHERE stage = 'validation') AS refused
    ON refused.message_id = rejected.message_id AND refused.publish_time = rejected.publish_time)
  + (SELECT COALESCE(SUM(not_audited), 0) FROM ${DATASET}.acknowledged WHERE is_unreadable) AS dead_at_validation,
  (SELECT COUNT(*) FROM unstaged) AS dead_at_staging,
  (SELECT COUNT(*) FROM dead LEFT JOIN settled
    ON settled.partner_id = dead.partner_id AND settled.type = dead.type AND settled.order_id = dead.order_id AND settled.event_id = dead.event_id
    WHERE dead.stage = 'activation' AND settled.event_id IS NULL) AS dead_at_activation`,
  params: {},
  row: z.object({
    purchase: count,
    cancellation: count,
    redriven: count,
    open: count,
    activated: count,
    not_activated: count,
    waiting: count,
    calls: count,
    dead_at_validation: count,
    dead_at_staging: count,
    dead_at_activation: count,
  }),
}

/** In milliseconds, from publish to staged. */
export const LATENCY = {
  sql: `WITH staged AS (
  SELECT publish_time, ingested_at FROM ${DATASET}.purchase
  UNION ALL
  SELECT publish_time, ingested_at FROM ${DATASET}.cancellation
)
SELECT
  APPROX_QUANTILES(TIMESTAMP_DIFF(ingested_at, publish_time, MILLISECOND), 100)[OFFSET(50)] AS p50,
  APPROX_QUANTILES(TIMESTAMP_DIFF(ingested_at, publish_time, MILLISECOND), 100)[OFFSET(99)] AS p99
FROM staged`,
  params: {},
  row: z.object({ p50: count, p99: count }),
}
