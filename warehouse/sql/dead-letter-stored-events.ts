// The events of dead letters as they failed last: those that are open, or all where none is.

import { z } from 'zod'
import { lastEvents } from '#contracts'
import type { Reader } from '../read.ts'
import { bytes, json } from './columns.ts'
import { OPEN_FIRST } from './dead-letter-groups.ts'
import { violation } from './violations.ts'

const event = z.object({
  dead_letter_id: z.string(),
  batch_id: z.string(),
  stage: z.enum(['validation', 'staging', 'activation']),
  partner_id: z.string(),
  type: z.enum(['purchase', 'cancellation']).nullable(),
  event_id: z.string().nullable(),
  order_id: z.string().nullable(),
  reasons: z.array(z.string()),
  faults: json.pipe(z.array(violation)),
  data: bytes.nullable(),
  attributes: json.pipe(z.record(z.string(), z.string())),
  message_id: z.string(),
  publish_time: z.string(),
})

/** One event as it failed last. */
export type StoredEvent = z.output<typeof event>

const storedEvents = (params: { readonly ids: readonly string[] }) => ({
  sql: `SELECT dead_letter_id, batch_id, stage, partner_id, type, event_id, order_id, reasons, faults, data,
  attributes, message_id, publish_time
FROM (${lastEvents('all')})
WHERE dead_letter_id IN UNNEST(@ids)
${OPEN_FIRST}
ORDER BY dead_letter_id, publish_time, message_id`,
  params,
  row: event,
})

/** @throws BigQueryError */
export async function readEvents(read: Reader, ids: readonly string[]): Promise<StoredEvent[]> {
  return ids.length === 0 ? [] : read(storedEvents({ ids }))
}
