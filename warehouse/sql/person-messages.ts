// The key of a message in every table, and the parameters of statements about some messages.

import type { Person, PersonTraces } from '#contracts'
import type { Params } from '../read.ts'

/** A message id is unique within its topic only. */
export const MESSAGE_KEY = "CONCAT(message_id, '@', CAST(UNIX_MICROS(publish_time) AS STRING))"

/** The rows of the messages that are asked about, on the days on which they were published. */
export const OF_MESSAGES = `publish_time BETWEEN TIMESTAMP(@oldest) AND TIMESTAMP(@newest)
  AND ${MESSAGE_KEY} IN UNNEST(@keys)`

/** The messages of a person. */
export type Messages = Person & Pick<PersonTraces, 'keys' | 'from' | 'to' | 'orders'>

/** BigQuery takes no empty list. */
export const listOf = (words: readonly string[]) => (words.length === 0 ? [''] : words)

export const messageParams = ({ keys, from, to }: Messages) =>
  ({ oldest: from, newest: to, keys: listOf(keys) }) satisfies Params
