// The ids of all dead letters there ever were, or of those with events of one partner.

import { z } from 'zod'
import { DATASET } from '#contracts'
import type { Reader } from '../read.ts'

const deadLetterIds = (partner: string | undefined) => ({
  sql: `SELECT DISTINCT dead_letter_id FROM ${DATASET}.dead_letter${partner === undefined ? '' : ' WHERE partner_id = @partner'}`,
  params: partner === undefined ? {} : { partner },
  row: z.object({ dead_letter_id: z.string() }),
})

/** @throws BigQueryError */
export async function readIds(read: Reader, partner?: string): Promise<string[]> {
  const rows = await read(deadLetterIds(partner))
  return rows.map(({ dead_letter_id }) => dead_letter_id)
}
