// What was done with some dead letters of an order, since its first message was published.

import { z } from 'zod'
import { DATASET } from '#contracts'
import { microseconds } from './columns.ts'

const handled = z.object({
  dead_letter_id: z.string(),
  action: z.string(),
  attempt: z.number(),
  outcome: z.string(),
  actor: z.string(),
  reason: z.string(),
  events: z.number(),
  failed: z.number(),
  /** Events it was limited to; none where it took all that were open. */
  message_ids: z.array(z.string()).optional(),
  run_id: z.string(),
  occurred_at: microseconds,
  ingested_at: microseconds.nullable(),
})

export type HandledRow = z.output<typeof handled>

const COLUMNS = Object.keys(handled.shape).join(', ')
const MAX_ROWS = 1000

type Wanted = { readonly letters: readonly string[]; readonly oldest: string }

export const orderActions = (params: Wanted) => ({
  sql: `SELECT ${COLUMNS} FROM ${DATASET}.dead_letter_log
WHERE occurred_at >= TIMESTAMP(@oldest) AND dead_letter_id IN UNNEST(@letters)
LIMIT ${MAX_ROWS}`,
  params,
  row: handled,
})
