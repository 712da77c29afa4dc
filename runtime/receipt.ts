// Counts the messages of a batch and digests their ids, for the receipt that travels with it.

import { hash } from 'node:crypto'
import { countsOnce, type Message, type Receipt } from '#contracts'
import { groupBy } from './group-by.ts'

/**
 * Pure. The order of the messages is irrelevant, and a message that occurs twice counts once. The digest is
 * the SHA-256, in hex, of the sorted ids with a line feed between them, where a part of a message has `#` and its index
 * after the id. BigQuery computes the same digest over `streaming.audit_log`.
 */
export function receiptFor(messages: readonly Message[]): Receipt {
  const byId = new Map(messages.map((message) => [idOf(message), message]))
  const byDay = groupBy([...byId.values()], ({ publishTime }) => publishTime.slice(0, 10))
  return {
    digest: hash('sha256', [...byId.keys()].toSorted().join('\n'), 'hex'),
    days: [...byDay.values()].map((own) => ({
      oldest: oldestOf(own),
      messages: own.filter(countsOnce).length,
    })),
  }
}

const idOf = ({ messageId, part }: Message) =>
  part && part.of > 1 ? `${messageId}#${part.index}` : messageId

/** All publish times of the bridge have the same format, so that they can be compared as text. */
const oldestOf = (messages: readonly Message[]) =>
  messages.reduce(
    (oldest, { publishTime }) => (publishTime < oldest ? publishTime : oldest),
    messages[0]?.publishTime ?? '',
  )
