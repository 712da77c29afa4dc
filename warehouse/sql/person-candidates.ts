// The messages of a partner that may be about a person, with their bytes: those of the person's orders, those that have a word of
// the person, and those that are known by their id. A page at a time, in the order of publishing.

import { z } from 'zod'
import { DATASET, ERASED } from '#contracts'
import type { Params } from '../read.ts'
import { bytes, json, microseconds } from './columns.ts'
import { listOf, MESSAGE_KEY } from './person-messages.ts'

/** The whole of a page is in memory at once, and a row has a megabyte at most. */
export const CANDIDATES_A_PAGE = 200

export type CandidateTable = 'audit_log' | 'dead_letter'

export type CandidateSearch = {
  /** Whose messages are searched for the words. */
  readonly partnerId: string
  readonly orders: readonly string[]
  /** Bytes, as hexadecimal digits. */
  readonly words: readonly string[]
  readonly messageIds: readonly string[]
  /** The last message of the page before. */
  readonly after: { readonly publishTime: string; readonly messageId: string }
}

const candidate = z.object({
  key: z.string(),
  message_id: z.string(),
  publish_time: microseconds,
  order_id: z.string().nullable(),
  data: bytes.nullable(),
  attributes: json.pipe(z.record(z.string(), z.string()).catch({})),
})

export type PersonCandidate = z.output<typeof candidate>

/** A row that is erased already is no candidate. The hexadecimal digits of a word may also be found across two bytes. */
export function personCandidates(table: CandidateTable, search: CandidateSearch) {
  const hasWord = search.words.flatMap((_, at) => [
    `STRPOS(TO_HEX(COALESCE(data, b'')), @word${at}) > 0`,
    `STRPOS(TO_HEX(CAST(TO_JSON_STRING(attributes) AS BYTES)), @word${at}) > 0`,
  ])
  const words = search.words.map((word, at) => [`word${at}`, word] as const)
  return {
    sql: `SELECT ${MESSAGE_KEY} AS key, message_id, publish_time, order_id, data, attributes
FROM ${DATASET}.${table}
WHERE publish_time >= TIMESTAMP(@after_time)
  AND (publish_time > TIMESTAMP(@after_time) OR message_id > @after_id)
  AND COALESCE(data, b'') != b'${ERASED}'
  AND (message_id IN UNNEST(@messages)
    OR (partner_id = @partner AND (order_id IN UNNEST(@orders) OR ${hasWord.join('\n      OR ')})))
ORDER BY publish_time, message_id LIMIT ${CANDIDATES_A_PAGE}`,
    params: {
      partner: search.partnerId,
      orders: listOf(search.orders),
      messages: listOf(search.messageIds),
      after_time: search.after.publishTime,
      after_id: search.after.messageId,
      ...Object.fromEntries(words),
    } satisfies Params,
    row: candidate,
  }
}
