// Cuts batches into pieces, where a worker cannot finish a step with the whole: the messages are not read.

import { decodeBatch, encodeBatch } from '#contracts/batch-payload'

/** @throws Error where the payload is not the bridge's */
export async function countMessages(batch: Uint8Array): Promise<number> {
  return decodeBatch(batch).length
}

/**
 * The messages from index `from` to before index `to`, byte for byte and in order, as a batch of their own.
 * @throws Error where the payload is not the bridge's
 */
export async function takeMessages(
  batch: Uint8Array,
  from: number,
  to: number,
): Promise<Uint8Array> {
  return encodeBatch(decodeBatch(batch).slice(from, to))
}
