// The span of publish times to look for messages in: the tables are partitioned by it.

import type { Message } from '#contracts'

/** Holds all of `messages`, by a millisecond more: a Date has no microseconds. */
export function publishSpan(messages: readonly Pick<Message, 'publishTime'>[]): {
  readonly oldest: Date
  readonly newest: Date
} {
  const times = messages.map(({ publishTime }) => Date.parse(publishTime))
  return { oldest: new Date(Math.min(...times)), newest: new Date(Math.max(...times) + 1) }
}
