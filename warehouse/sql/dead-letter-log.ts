// What was done with a dead letter, in order.

import { z } from 'zod'
import { DATASET } from '#contracts'
import type { Reader } from '../read.ts'
import { count, json } from './columns.ts'

const logged = z.object({
  action: z.string(),
  attempt: count,
  outcome: z.string(),
  actor: z.string(),
  reason: z.string(),
  patch: json.nullable(),
  events: count,
  failed: count,
  run_id: z.string(),
  occurred_at: z.string(),
})

/** One action on a dead letter. */
export type Logged = z.output<typeof logged>

const deadLetterLog = (params: { readonly id: string }) => ({
  sql: `SELECT action, attempt, outcome, actor, reason, patch, events, failed, run_id, occurred_at
FROM ${DATASET}.dead_letter_log WHERE dead_letter_id = @id ORDER BY attempt, ingested_at`,
  params,
  row: logged,
})

/** A retry may have written the row of its run twice; only the first is returned. @throws BigQueryError */
export async function readLog(read: Reader, id: string): Promise<Logged[]> {
  const byRun = new Map<string, Logged>()
  for (const row of await read(deadLetterLog({ id })))
    if (!byRun.has(row.run_id)) byRun.set(row.run_id, row)
  return [...byRun.values()]
}
