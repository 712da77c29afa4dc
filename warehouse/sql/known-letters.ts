// Of some dead letters, those the table has rows of.

import { z } from 'zod'
import { DATASET } from '#contracts'

export const knownLetters = (params: { readonly ids: readonly string[] }) => ({
  sql: `SELECT DISTINCT dead_letter_id AS id FROM ${DATASET}.dead_letter
WHERE dead_letter_id IN UNNEST(@ids)`,
  params,
  row: z.object({ id: z.string() }),
})
