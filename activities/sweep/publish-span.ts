// The span of publish times to look for messages in: the tables are partitioned by it.

import type { Message } from '#contracts'
import type { PublishSpan } from '#warehouse/sql/publish-span'

/** Holds all of `messages`, by a millisecond more: a Date has no microseconds. */
export function publishSpan(messages: readonly Pick<Message, 'publishTime'>[]): PublishSpan {
  const times = messages.map(({ publishTime }) => Date.parse(publishTime))
  return { oldest: new Date(Math.min(...times)), newest: new Date(Math.max(...times) + 1) }
}
