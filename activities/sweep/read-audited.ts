// Asks BigQuery what it has of batches: their receipts, and the messages of them in the audit log.

import type { Reader } from '#warehouse/read'
import { auditedBatches } from '#warehouse/sql/audited-batches'
import { batchReceipts } from '#warehouse/sql/batch-receipts'
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

/** The ids of those that have a receipt in the table. */
export async function readReceipts(
  read: Reader,
  runs: readonly ReceiptRun[],
): Promise<ReadonlySet<string>> {
  if (runs.length === 0) return new Set()
  const rows = await read(batchReceipts(paramsOf(runs)))
  return new Set(rows.map(({ id }) => id))
}

/** By batch id; a batch of which the audit log has nothing is not in the answer. */
export async function readAudited(
  read: Reader,
  runs: readonly ReceiptRun[],
): Promise<ReadonlyMap<string, Audited>> {
  if (runs.length === 0) return new Map()
  const rows = await read(auditedBatches(paramsOf(runs)))
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
