// What the views and the reconciliation have to say of a stream of messages, told in the plainest way.

import { groupBy } from '#runtime/group-by'

export type Sent = {
  readonly messageId: string
  readonly publishTime: string
  readonly partner: string
  readonly order: string
  /** Null where the partner gives none. */
  readonly eventId: string | null
  readonly timestamp: string
  readonly amount: number
}

const contentsOf = ({ partner, order, eventId, timestamp, amount }: Sent) =>
  JSON.stringify([partner, order, eventId, timestamp, amount])
const identityOf = (sent: Sent) =>
  sent.eventId === null
    ? contentsOf(sent)
    : JSON.stringify([sent.partner, sent.order, sent.eventId])
const isNewer = (one: Sent, other: Sent) =>
  one.publishTime > other.publishTime ||
  (one.publishTime === other.publishTime && one.messageId > other.messageId)

/** @param stream every message once, in any order */
export function modelOf(stream: readonly Sent[]) {
  const events = groupBy(stream, identityOf)
  const contents = new Set(stream.map(contentsOf))
  const rows = [...events.values()].map((versions) => ({
    ...versions.reduce((newest, one) => (isNewer(one, newest) ? one : newest)),
    versions: new Set(versions.map(contentsOf)).size,
  }))
  const unnamed = rows.filter(({ eventId }) => eventId === null)
  const alike = groupBy(unnamed, ({ partner, order, timestamp }) =>
    JSON.stringify([partner, order, timestamp]),
  )
  return {
    rows,
    messages: stream.length,
    duplicates: stream.length - contents.size,
    corrections: contents.size - events.size,
    staged: events.size,
    lookalikes: [...alike.values()].filter(({ length }) => length > 1).flat().length,
  }
}
