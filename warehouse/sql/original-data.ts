// The bytes of events that a dead letter was too large for: the audit log has every message whole.

import { z } from 'zod'
import { DATASET } from '#contracts'
import { groupBy } from '#runtime/group-by'
import type { Reader } from '../read.ts'
import { bytes, count, toMicroseconds } from './columns.ts'
import type { StoredEvent } from './dead-letter-stored-events.ts'

const part = z.object({
  message_id: z.string(),
  publish_time: z.string(),
  part: count,
  parts: count,
  data: bytes,
})

type Part = z.output<typeof part>

type Wanted = { readonly ids: readonly string[]; readonly first: string; readonly last: string }

const originalData = (params: Wanted) => ({
  sql: `SELECT DISTINCT message_id, publish_time, part, parts, data FROM ${DATASET}.audit_log
WHERE message_id IN UNNEST(@ids)
  AND publish_time BETWEEN CAST(@first AS TIMESTAMP) AND CAST(@last AS TIMESTAMP)`,
  params,
  row: part,
})

/** The same events with their data, as far as the audit log has it. @throws BigQueryError */
export async function completeData(
  read: Reader,
  events: readonly StoredEvent[],
): Promise<StoredEvent[]> {
  const lacking = events.filter(({ data }) => data === null)
  if (lacking.length === 0) return [...events]
  // BigQuery reads no more than six digits of a second.
  const times = lacking.map(({ publish_time }) => toMicroseconds(publish_time)).toSorted()
  const rows = await read(
    originalData({
      ids: lacking.map(({ message_id }) => message_id),
      first: times[0] ?? '',
      last: times.at(-1) ?? '',
    }),
  )
  const wholes = groupBy(rows, keyOf)
  return events.map((one) => (one.data ? one : { ...one, data: joined(wholes.get(keyOf(one))) }))
}

const keyOf = (of: { message_id: string; publish_time: string }) =>
  JSON.stringify([of.message_id, of.publish_time])

/** @returns null where a part is missing */
function joined(parts: readonly Part[] = []): Buffer | null {
  const byPlace = new Map(parts.map((one) => [one.part, one.data]))
  if (byPlace.size === 0 || byPlace.size !== parts[0]?.parts) return null
  return Buffer.concat([...byPlace].toSorted(([a], [b]) => a - b).map(([, data]) => data))
}
