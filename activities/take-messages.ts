// Cuts batches into pieces, where a worker cannot finish a step with the whole batch. The messages are not parsed.

import { decodeBatch, encodeBatch } from '#contracts/batch-payload'

/** @throws Error where the bridge did not encode the payload */
export async function countMessages(batch: Uint8Array): Promise<number> {
  return decodeBatch(batch).length
}

/**
 * The messages from index `from` up to, and without, index `to`, byte for byte and in order, as a batch of their own.
 * @throws Error where the bridge did not encode the payload
 */
export async function takeMessages(
  batch: Uint8Array,
  from: number,
  to: number,
): Promise<Uint8Array> {
  return encodeBatch(decodeBatch(batch).slice(from, to))
}
