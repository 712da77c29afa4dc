// The size of a message, as Pub/Sub counts it.

import type { Message } from './index.ts'

/** The bytes of its data and of the names and values of its attributes. */
export function messageBytes({ data, attributes }: Pick<Message, 'data' | 'attributes'>): number {
  let total = data.length
  for (const [name, value] of Object.entries(attributes)) {
    total += Buffer.byteLength(name) + Buffer.byteLength(value)
  }
  return total
}
