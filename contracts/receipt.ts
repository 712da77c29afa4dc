// The receipt of a batch: the messages that the bridge acknowledged with it, counted by the bridge before anything decodes the
// batch. It is a memo of the workflow, separate from the batch payload. Imports nothing, so workflows may use it.

/** The messages of a batch that were published on one UTC day. */
export type ReceiptDay = {
  /** The publish time of the oldest of them. RFC 3339, UTC. */
  readonly oldest: string
  /** The number of different messages. A message that was cut into parts counts in the batch of its first part. */
  readonly messages: number
}

export type Receipt = {
  /** SHA-256 of the message ids, see `receiptFor`; null where the bridge that started the batch gave none. */
  readonly digest: string | null
  readonly days: readonly ReceiptDay[]
}

/** The name of the memo field that has the receipt. */
export const RECEIPT_MEMO = 'receipt'

/** @returns null where the run has none: an older bridge or a parent workflow started it */
export function receiptIn(memo: Readonly<Record<string, unknown>> | undefined): Receipt | null {
  const receipt = memo?.[RECEIPT_MEMO]
  return isReceipt(receipt) ? receipt : null
}

export const messagesOf = ({ days }: Receipt): number =>
  days.reduce((total, { messages }) => total + messages, 0)

function isReceipt(value: unknown): value is Receipt {
  return (
    typeof value === 'object' &&
    value !== null &&
    'digest' in value &&
    'days' in value &&
    Array.isArray(value.days)
  )
}
