// The last receipt of the erasure of a person.

import { z } from 'zod'
import { DATASET, type ErasureReceipt } from '#contracts'
import type { Reader } from '../read.ts'
import { json } from './columns.ts'

const erasureReceipts = (subject: string) => ({
  sql: `SELECT receipt FROM ${DATASET}.erasure_log
WHERE subject = @subject
ORDER BY finished_at DESC LIMIT 1`,
  params: { subject },
  row: z.object({ receipt: json.pipe(z.custom<ErasureReceipt>(isReceipt)) }),
})

const isReceipt = (value: unknown) =>
  typeof value === 'object' && value !== null && 'subject' in value && 'rows' in value

/** Null where the person was never erased. @throws BigQueryError */
export async function readErasureReceipt(
  read: Reader,
  subject: string,
): Promise<ErasureReceipt | null> {
  const [row] = await read(erasureReceipts(subject))
  return row?.receipt ?? null
}
