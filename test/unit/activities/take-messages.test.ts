// Pieces of a batch, cut where a worker cannot finish the whole.

import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import type { Message } from '#contracts'
import { decodeBatch, encodeBatch } from '#contracts/batch-payload'
import { countMessages, takeMessages } from '../../../activities/take-messages.ts'

const message: fc.Arbitrary<Message> = fc.record({
  messageId: fc.string(),
  publishTime: fc.constant('2026-11-20T10:00:00.000000Z'),
  attributes: fc.dictionary(fc.string(), fc.string(), { maxKeys: 3 }),
  data: fc.uint8Array({ maxLength: 200 }),
})

const plain = (messages: readonly Message[]) =>
  messages.map((one) => ({
    ...one,
    attributes: Object.entries(one.attributes),
    data: Buffer.from(one.data).toString('hex'),
  }))

test('pieces together are the batch, in order and byte for byte', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(message, { minLength: 1, maxLength: 20 }),
      fc.array(fc.nat(), { maxLength: 5 }),
      async (messages, seeds) => {
        const batch = encodeBatch(messages)
        const cuts = seeds.map((seed) => seed % (messages.length + 1))
        const bounds = [0, ...cuts.toSorted((a, b) => a - b), messages.length]
        const pieces = await Promise.all(
          bounds.slice(1).map((to, i) => takeMessages(batch, bounds[i] ?? 0, to)),
        )
        expect(plain(pieces.flatMap((piece) => decodeBatch(piece)))).toEqual(plain(messages))
        expect(await countMessages(batch)).toBe(messages.length)
      },
    ),
  )
})
