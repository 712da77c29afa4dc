// The span of publish times in which to search for messages: the tables are partitioned by publish time.

import type { Message } from '#contracts'
import type { PublishSpan } from '#warehouse/sql/publish-span'

/** The span of all `messages`, one millisecond longer because a Date has no microseconds. */
export function publishSpan(messages: readonly Pick<Message, 'publishTime'>[]): PublishSpan {
  const times = messages.map(({ publishTime }) => Date.parse(publishTime))
  return { oldest: new Date(Math.min(...times)), newest: new Date(Math.max(...times) + 1) }
}
