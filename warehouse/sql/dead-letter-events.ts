// Which events are, or were, of a dead letter: the table keeps those that are done, too.

import { z } from 'zod'
import { DATASET, lastEvents } from '#contracts'
import { plain } from '../plain.ts'
import type { Store } from './dead-letters.ts'

const letterEvent = z.object({
  dead_letter_id: z.preprocess(plain, z.string()),
  message_id: z.preprocess(plain, z.string()),
  publish_time: z.preprocess(plain, z.string()),
  is_open: z.coerce.number(),
})

/** An event that is, or was, one of a dead letter. */
export type LetterEvent = Omit<z.output<typeof letterEvent>, 'is_open'> & {
  readonly isOpen: boolean
}

/** Every event these dead letters ever had, without what is in it. */
export async function readLetterEvents(
  store: Store,
  ids: readonly string[],
): Promise<LetterEvent[]> {
  const rows = await store(
    `SELECT dead_letter_id, message_id, publish_time, MAX(is_open) AS is_open FROM (
      SELECT dead_letter_id, message_id, publish_time, 0 AS is_open FROM ${DATASET}.dead_letter
      UNION ALL
      SELECT dead_letter_id, message_id, publish_time, 1 AS is_open FROM (${lastEvents('open')})
    )
    WHERE dead_letter_id IN UNNEST(@ids)
    GROUP BY dead_letter_id, message_id, publish_time`,
    { ids },
  )
  return z
    .array(letterEvent)
    .parse(rows)
    .map(({ is_open, ...row }) => ({ ...row, isOpen: is_open > 0 }))
}
