// SQL: what became of rejected messages since, by redrives, by the retry topic, or because the partner sent them again.

import { DATASET } from '#contracts'
import { MAX_REDRIVE_ATTEMPTS } from '#contracts/lineage'

const STAGED = ['staging_purchase', 'staging_cancellation']

const stagedRows = (columns: string, condition: string) =>
  STAGED.map((table) => `SELECT ${columns} FROM ${DATASET}.${table} WHERE ${condition}`).join(
    ' UNION DISTINCT ',
  )

/**
 * Common table expressions, to stand behind one called `rejected` after `WITH RECURSIVE`: `fate` has each of its
 * messages with `is_corrected`, which is to say staged, by whatever message; `is_open`, in a dead letter; and
 * `is_waiting`, open and not corrected. A message that came back from the retry topic is another message, which may
 * come back itself.
 * @param isSince whether the period has a beginning, `@since`: nothing that matters is older
 */
export function fateSql(isSince: boolean): string {
  const inPeriod = isSince ? 'publish_time >= @since' : 'TRUE'
  return `sent_again AS (
  SELECT DISTINCT message_id, publish_time, JSON_VALUE(attributes, '$.original_message_id') AS original_id
  FROM ${DATASET}.audit_log
  WHERE JSON_VALUE(attributes, '$.redrive_of') IS NOT NULL AND ${inPeriod}
),
way AS (
  SELECT message_id AS first_id, publish_time AS first_time, message_id, publish_time, 0 AS round FROM rejected
  UNION ALL
  SELECT first_id, first_time, sent_again.message_id, sent_again.publish_time, round + 1
  FROM way JOIN sent_again ON sent_again.original_id = way.message_id
  WHERE round < ${MAX_REDRIVE_ATTEMPTS}
),
staged_message AS (${stagedRows('message_id, publish_time', inPeriod)}),
staged_event AS (
  SELECT type, order_id, event_id, MAX(publish_time) AS last_at
  FROM (${stagedRows('type, order_id, event_id, publish_time', `partner_id = @partner AND ${inPeriod}`)})
  GROUP BY type, order_id, event_id
),
open_message AS (SELECT DISTINCT message_id, publish_time FROM ${DATASET}.open_dead_letter),
seen AS (
  SELECT first_id, first_time,
    MAX(IF(staged_message.message_id IS NULL, 0, 1)) AS is_staged,
    MAX(IF(open_message.message_id IS NULL, 0, 1)) AS is_open
  FROM way
  LEFT JOIN staged_message
    ON staged_message.message_id = way.message_id AND staged_message.publish_time = way.publish_time
  LEFT JOIN open_message
    ON open_message.message_id = way.message_id AND open_message.publish_time = way.publish_time
  GROUP BY first_id, first_time
),
judged AS (
  SELECT rejected.*, is_open,
    IF(is_staged = 1 OR COALESCE(last_at > rejected.publish_time, FALSE), 1, 0) AS is_corrected
  FROM seen
  JOIN rejected ON rejected.message_id = first_id AND rejected.publish_time = first_time
  LEFT JOIN staged_event
    ON staged_event.type = rejected.type AND staged_event.order_id = rejected.order_id
    AND staged_event.event_id = rejected.event_id
),
fate AS (SELECT *, IF(is_corrected = 0 AND is_open = 1, 1, 0) AS is_waiting FROM judged)`
}
