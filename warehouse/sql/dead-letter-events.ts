// Which events are, or were, of some dead letters: the table keeps those that are done, too.

import { z } from 'zod'
import { DATASET, lastEvents } from '#contracts'
import type { Reader } from '../read.ts'
import { count } from './columns.ts'

const letterEvent = z
  .object({
    dead_letter_id: z.string(),
    message_id: z.string(),
    publish_time: z.string(),
    is_open: count,
  })
  .transform(({ is_open, ...row }) => ({ ...row, isOpen: is_open > 0 }))

/** An event that is, or was, one of a dead letter. */
export type LetterEvent = z.output<typeof letterEvent>

const letterEvents = (params: { readonly ids: readonly string[] }) => ({
  sql: `SELECT dead_letter_id, message_id, publish_time, MAX(is_open) AS is_open FROM (
  SELECT dead_letter_id, message_id, publish_time, 0 AS is_open FROM ${DATASET}.dead_letter
  UNION ALL
  SELECT dead_letter_id, message_id, publish_time, 1 AS is_open FROM (${lastEvents('open')})
)
WHERE dead_letter_id IN UNNEST(@ids)
GROUP BY dead_letter_id, message_id, publish_time`,
  params,
  row: letterEvent,
})

/** Every event these dead letters ever had, without what is in it. @throws BigQueryError */
export const readLetterEvents = (read: Reader, ids: readonly string[]): Promise<LetterEvent[]> =>
  read(letterEvents({ ids }))
