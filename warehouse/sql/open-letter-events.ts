// The open events of some dead letters, without their contents.

import { z } from 'zod'
import { DATASET } from '#contracts'
import { microseconds } from './columns.ts'
import { listOf, MESSAGE_KEY } from './person-messages.ts'

const openEvent = z.object({
  key: z.string(),
  dead_letter_id: z.string(),
  batch_id: z.string(),
  stage: z.enum(['validation', 'staging', 'activation']),
  partner_id: z.string(),
  type: z.enum(['purchase', 'cancellation']).nullable(),
  reasons: z.array(z.string()),
  message_id: z.string(),
  publish_time: microseconds,
})

export type OpenLetterEvent = z.output<typeof openEvent>

export const openLetterEvents = (letters: readonly string[]) => ({
  sql: `SELECT ${MESSAGE_KEY} AS key, dead_letter_id, batch_id, stage, partner_id, type, reasons, message_id, publish_time
FROM ${DATASET}.open_dead_letter
WHERE dead_letter_id IN UNNEST(@letters)
ORDER BY dead_letter_id, publish_time, message_id`,
  params: { letters: listOf(letters) },
  row: openEvent,
})
