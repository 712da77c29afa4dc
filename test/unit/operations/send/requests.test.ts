// The requests in which messages are published: none larger than Pub/Sub takes, every message once, in its order.

import { expect, test } from '@jest/globals'
import { requests } from '#operations/send/publish'

const MB = 1_000_000

/** Node 20 has no Array.fromAsync. */
async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = []
  for await (const item of items) found.push(item)
  return found
}

test.each([
  [[], []],
  [[1, 1, 1], [3]],
  [Array.from({ length: 1_001 }, () => 1), [500, 500, 1]],
  [
    [4 * MB, 5 * MB, 1],
    [2, 1],
  ],
  [
    [1, 10 * MB, 1],
    [1, 1, 1],
  ],
])('messages %#', async (sizes, lengths) => {
  const largest = Buffer.alloc(Math.max(0, ...sizes))
  const messages = sizes.map((size) => ({ data: largest.subarray(0, size), attributes: {} }))
  const made = await all(requests(messages, 500))
  expect(made.map(({ length }) => length)).toEqual(lengths)
  expect(made.flat()).toEqual(messages)
})
