// Which dead letters are open by the table, and since when; the newest first.

import { z } from 'zod'
import { DATASET } from '#contracts'

/** @param limit most dead letters to read */
export const openLetters = (params: { readonly until: Date }, limit: number) => ({
  sql: `SELECT dead_letter_id AS id, MIN(ingested_at) AS since
FROM ${DATASET}.open_dead_letter
WHERE ingested_at < @until
GROUP BY dead_letter_id
ORDER BY since DESC
LIMIT ${limit}`,
  params,
  row: z.object({ id: z.string(), since: z.string() }),
})
