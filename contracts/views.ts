// The views over the tables, in GoogleSQL: each event once as its newest version, and the reconciliation that proves nothing was lost.

import { DATASET } from './names.ts'
import { RECONCILIATION } from './reconciliation.ts'
import { CONTENTS, IS_WHOLE_BATCH, ROOT_BATCH } from './row-conditions.ts'

export type View = { readonly name: string; readonly description: string; readonly query: string }

/** The newest version of each event, and of how many versions it is. A version that was sent again is as new as that. */
const newestVersions = (table: string) => `SELECT *,
  COUNT(DISTINCT ${CONTENTS}) OVER (PARTITION BY partner_id, order_id, event_id) AS versions
FROM ${DATASET}.${table}
WHERE TRUE
QUALIFY ROW_NUMBER() OVER (
  PARTITION BY partner_id, order_id, event_id
  ORDER BY publish_time DESC, message_id DESC, ingested_at DESC, ${CONTENTS}) = 1`

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
    description: 'Each accepted purchase once, as its newest version.',
    query: newestVersions('staging_purchase'),
  },
  {
    name: 'cancellation',
    description: 'Each accepted cancellation once, as its newest version.',
    query: newestVersions('staging_cancellation'),
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
      'By day and partner: every acknowledged message is staged, dead-lettered, a duplicate, a correction, or unaccounted for (in flight, or lost). What was redriven is staged, and no longer dead-lettered. Lookalikes are staged events that share partner, type, order and timestamp without event ids; they are in no sum.',
    query: RECONCILIATION,
  },
]
