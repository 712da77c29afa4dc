// How often each dead letter was handled, and whether it is closed.

import { z } from 'zod'
import { DATASET } from '#contracts'
import type { Reader } from '../read.ts'
import { count } from './columns.ts'

const standings = (params: { readonly ids: readonly string[] }) => ({
  sql: `SELECT dead_letter_id, MAX(attempt) AS attempts, MAX(is_closed) AS is_closed FROM (
  SELECT dead_letter_id, COALESCE(attempt, 0) AS attempt, 0 AS is_closed
  FROM ${DATASET}.dead_letter
  UNION ALL
  SELECT
    dead_letter_id, attempt,
    IF(outcome = 'closed' AND COALESCE(ARRAY_LENGTH(message_ids), 0) = 0, 1, 0) AS is_closed
  FROM ${DATASET}.dead_letter_log
)
WHERE dead_letter_id IN UNNEST(@ids)
GROUP BY dead_letter_id`,
  params,
  row: z
    .object({ dead_letter_id: z.string(), attempts: count, is_closed: count })
    .transform((row) => ({
      id: row.dead_letter_id,
      attempts: row.attempts,
      isOpen: row.is_closed === 0,
    })),
})

/** A dead letter that is not in the answer does not exist. @throws BigQueryError */
export const readStandings = (read: Reader, ids: readonly string[]) => read(standings({ ids }))
