// Asks BigQuery what it has of batches: their receipts, and the messages of them in the audit log.

import { z } from 'zod'
import { DATASET, IS_WHOLE_BATCH, ROOT_BATCH } from '#contracts'
import type { WarehouseQuery } from '#warehouse/query'
import type { ReceiptRun } from './receipt-runs.ts'

/** What the audit log has of a batch, and of the parts it was split into. */
export type Audited = {
  /** Different messages; one in parts counts with its first. */
  readonly messages: number
  /** The same as the digest of the receipt where the messages are the same; null where there is none. */
  readonly digest: string | null
  /** It could not be read, and its bytes are kept whole. */
  readonly isWhole: boolean
}

const RECEIPTS = `SELECT DISTINCT batch_id AS id FROM ${DATASET}.batch_receipt
WHERE batch_id IN UNNEST(@ids) AND publish_time BETWEEN @oldest AND @newest`

/** As `receiptFor` digests them. */
const AUDITED = `SELECT
  id,
  COUNT(DISTINCT IF(is_whole OR part > 0, NULL, message_id)) AS messages,
  TO_HEX(SHA256(STRING_AGG(DISTINCT IF(is_whole, NULL, piece_id), '\\n' ORDER BY IF(is_whole, NULL, piece_id)))) AS digest,
  LOGICAL_OR(is_whole) AS isWhole
FROM (
  SELECT
    ${ROOT_BATCH} AS id, ${IS_WHOLE_BATCH} AS is_whole, message_id, part,
    IF(parts > 1, CONCAT(message_id, '#', CAST(part AS STRING)), message_id) AS piece_id
  FROM ${DATASET}.audit_log
  WHERE publish_time BETWEEN @oldest AND @newest
)
WHERE id IN UNNEST(@ids)
GROUP BY id`

const receiptRow = z.object({ id: z.string() })
const auditedRow = z.object({
  id: z.string(),
  messages: z.number(),
  digest: z.string().nullable(),
  isWhole: z.boolean(),
})

/** The ids of those that have a receipt in the table. */
export async function readReceipts(
  query: WarehouseQuery,
  runs: readonly ReceiptRun[],
): Promise<ReadonlySet<string>> {
  if (runs.length === 0) return new Set()
  const rows = await query.rows(RECEIPTS, paramsOf(runs), receiptRow)
  return new Set(rows.map(({ id }) => id))
}

/** By batch id; a batch of which the audit log has nothing is not in the answer. */
export async function readAudited(
  query: WarehouseQuery,
  runs: readonly ReceiptRun[],
): Promise<ReadonlyMap<string, Audited>> {
  if (runs.length === 0) return new Map()
  const rows = await query.rows(AUDITED, paramsOf(runs), auditedRow)
  return new Map(rows.map(({ id, ...audited }) => [id, audited]))
}

const DAY_MS = 86_400_000

/** A receipt names the oldest message of each day: the newest is before the end of the last day. */
function paramsOf(runs: readonly ReceiptRun[]) {
  const times = runs.flatMap(({ receipt }) => receipt.days.map(({ oldest }) => Date.parse(oldest)))
  const lastDay = Math.floor(Math.max(...times) / DAY_MS) * DAY_MS
  return {
    ids: runs.map(({ workflowId }) => workflowId),
    oldest: new Date(Math.min(...times)),
    newest: new Date(lastDay + DAY_MS),
  }
}
