// The receipt of a batch: what the bridge acknowledged with it, counted by the bridge before anything else reads the batch.
// It travels as a memo of the workflow, apart from the bytes of the batch. Imports nothing, so workflows may use it.

/** The messages of a batch that were published on one UTC day. */
export type ReceiptDay = {
  /** When the oldest of them was published. RFC 3339, UTC. */
  readonly oldest: string
  /** Different messages; one that was cut into parts counts in the batch of its first part. */
  readonly messages: number
}

export type Receipt = {
  /** SHA-256 of the message ids, see `receiptFor`; null where the bridge that started the batch gave none. */
  readonly digest: string | null
  readonly days: readonly ReceiptDay[]
}

/** The memo field it is in. */
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
