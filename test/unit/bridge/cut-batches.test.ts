// Whatever is pulled is cut into batches that Temporal takes, each delivery in exactly one group.

import { randomBytes } from 'node:crypto'
import { describe, expect, test } from '@jest/globals'
import * as fc from 'fast-check'
import { MAX_BATCH_BYTES, MAX_MESSAGE_BYTES, MAX_PAYLOAD_BYTES, type Message } from '#contracts'
import { encodeBatch } from '#contracts/batch-payload'
import { messageBytes } from '#contracts/message-bytes'
import { type AckGroup, cutBatches, halveGroup } from '../../../bridge/cut-batches.ts'
import type { Delivery } from '../../../bridge/source.ts'
import { ackIdsOf, delivery } from './deliveries.ts'

const LARGEST = { maxEvents: 2000, maxBytes: MAX_BATCH_BYTES }
const noise = randomBytes(3.5 * MAX_MESSAGE_BYTES)

const caps = fc.record({ maxEvents: fc.integer({ min: 1, max: 20 }), maxBytes: fc.nat(4_000) })

/** What a delivery shall be like; a counterexample prints this instead of megabytes. */
type Wanted = { readonly size: number; readonly attributes: Record<string, string> }

const made = ({ size, attributes }: Wanted) => delivery(noise.subarray(0, size), { attributes })

const anyAttributes = fc.dictionary(fc.string(), fc.string(), { maxKeys: 3 })
const small = fc.array(fc.record({ size: fc.nat(1_500), attributes: anyAttributes }), {
  maxLength: 60,
})

/** Around the size past which a message no longer travels whole, and far beyond it. */
const anySize = fc.oneof(
  fc.nat(2_000),
  fc.integer({ min: MAX_MESSAGE_BYTES - 40, max: MAX_MESSAGE_BYTES + 40 }),
  fc.integer({ min: 2 * MAX_MESSAGE_BYTES - 2, max: noise.length }),
)
const anyDelivery = fc.record({ size: anySize, attributes: anyAttributes })
const mixed = fc.array(anyDelivery, { maxLength: 8 })

const bytesOf = (messages: readonly Message[]) =>
  messages.reduce((total, one) => total + messageBytes(one), 0)

const ackIdsIn = (groups: readonly AckGroup[]) =>
  groups.flatMap(({ deliveries }) => ackIdsOf(deliveries))

describe('deliveries of a common size', () => {
  test('keep their order, and each is in exactly one group, beside its own message', () => {
    fc.assert(
      fc.property(small, caps, (wanted, limits) => {
        const all = wanted.map(made)
        const groups = cutBatches(all, limits)
        expect(ackIdsIn(groups)).toEqual(ackIdsOf(all))
        for (const { deliveries, batches } of groups) {
          expect(batches).toEqual([deliveries.map(({ message }) => message)])
        }
      }),
    )
  })

  test('stay under both caps, but for a single message that is over the bytes by itself', () => {
    fc.assert(
      fc.property(small, caps, (wanted, limits) => {
        const all = wanted.map(made)
        for (const batch of cutBatches(all, limits).flatMap(({ batches }) => batches)) {
          expect(batch.length).toBeLessThanOrEqual(limits.maxEvents)
          expect(batch.length === 1 || bytesOf(batch) <= limits.maxBytes).toBe(true)
        }
      }),
    )
  })

  test('are cut only where a cap asks for it', () => {
    fc.assert(
      fc.property(small, caps, (wanted, limits) => {
        const all = wanted.map(made)
        const batches = cutBatches(all, limits).flatMap((group) => group.batches)
        for (const [index, batch] of batches.entries()) {
          const longer = [...batch, ...(batches[index + 1]?.slice(0, 1) ?? [])]
          const isFull = longer.length > limits.maxEvents || bytesOf(longer) > limits.maxBytes
          expect(batch === batches.at(-1) || isFull).toBe(true)
        }
      }),
    )
  })
})

test('a group in halves has the same deliveries, each once, and no half is empty', () => {
  fc.assert(
    fc.property(fc.integer({ min: 2, max: 60 }), (count) => {
      const all = Array.from({ length: count }, () => delivery())
      const [group, ...others] = cutBatches(all, LARGEST)
      const halves = group ? halveGroup(group) : []
      expect(others).toEqual([])
      expect(ackIdsIn(halves)).toEqual(ackIdsOf(all))
      expect(halves.map(({ deliveries }) => deliveries.length).toSorted((a, b) => b - a)).toEqual([
        Math.ceil(count / 2),
        Math.floor(count / 2),
      ])
      for (const { deliveries, batches } of halves) {
        expect(batches).toEqual([deliveries.map(({ message }) => message)])
      }
    }),
  )
})

describe('deliveries of any size', () => {
  test('are each in exactly one group, and no batch is empty', () => {
    fc.assert(
      fc.property(mixed, (wanted) => {
        const all = wanted.map(made)
        const groups = cutBatches(all, LARGEST)
        expect(ackIdsIn(groups).toSorted()).toEqual(ackIdsOf(all).toSorted())
        expect(groups.flatMap(({ batches }) => batches)).not.toContainEqual([])
      }),
      { numRuns: 60, examples: [[[]]] },
    )
  })

  test('give back their bytes when the parts of each are put together', () => {
    fc.assert(
      fc.property(mixed, (wanted) => {
        const all = wanted.map(made)
        const sent = cutBatches(all, LARGEST).flatMap(({ batches }) => batches.flat())
        for (const { message } of all) {
          const own = sent.filter(({ messageId }) => messageId === message.messageId)
          const whole = Buffer.concat(own.map(({ data }) => data))
          expect(Buffer.compare(whole, message.data)).toBe(0)
          expect(own.map(({ attributes }) => attributes)).toEqual(own.map(() => message.attributes))
        }
      }),
      { numRuns: 60 },
    )
  })

  test('travel whole up to the limit, and past it in numbered parts, each a batch of its own', () => {
    fc.assert(
      fc.property(anyDelivery, (wanted) => {
        const one = made(wanted)
        const [group, ...others] = cutBatches([one], LARGEST)
        const parts = (group?.batches ?? []).map((batch) => batch.map(({ part }) => part))
        const isWhole = messageBytes(one.message) <= MAX_MESSAGE_BYTES
        const of = Math.ceil(one.message.data.length / MAX_MESSAGE_BYTES)
        const numbered = Array.from({ length: of }, (_, index) => [{ index, of }])
        expect(others).toEqual([])
        expect(parts).toEqual(isWhole ? [[undefined]] : numbered)
      }),
      { numRuns: 60 },
    )
  })

  test('do not hold up the small ones beside a large one', () => {
    const [first, large, last] = [delivery(), delivery(noise), delivery()]
    const groups = cutBatches([first, large, last], LARGEST)
    expect(groups.map(({ deliveries }) => deliveries)).toEqual([[first, last], [large]])
  })

  test('whose attributes alone are over the limit are still one batch', () => {
    const one = delivery('', { attributes: { note: 'x'.repeat(MAX_MESSAGE_BYTES + 1) } })
    expect(cutBatches([one], LARGEST)).toEqual([
      { deliveries: [one], batches: [[{ ...one.message, part: { index: 0, of: 1 } }]] },
    ])
  })
})

describe('the payload of any cut batch stays under the limit of Temporal', () => {
  /** Control characters are six characters each in JSON; this mix compresses worst of those tried. */
  const escaped = Buffer.from(
    noise.map((byte, index) => (index % 5 === 0 ? 32 + (byte % 96) : 14 + (byte % 18))),
  )
  const letters = Buffer.from(noise.map((byte) => 97 + (byte % 26)))
  const wide = Buffer.from('漢字'.repeat(noise.length / 6))

  test.each([
    ['bytes that do not compress', noise],
    ['text that JSON must escape', escaped],
    ['random letters', letters],
    ['characters of three bytes', wide],
  ])('%s', (_what, data) => {
    for (const size of [650, MAX_BATCH_BYTES / 2]) {
      const all: Delivery[] = []
      for (let from = 0; from + size <= data.length && all.length < 2_100; from += size) {
        all.push(delivery(data.subarray(from, from + size)))
      }
      for (const batch of cutBatches(all, LARGEST).flatMap(({ batches }) => batches)) {
        expect(encodeBatch(batch).length).toBeLessThanOrEqual(MAX_PAYLOAD_BYTES)
      }
    }
  })

  test('many empty messages with the most attributes Pub/Sub takes', () => {
    const attributes = Object.fromEntries(
      Array.from({ length: 100 }, (_, index) => [
        noise.toString('base64', index * 1_000, index * 1_000 + 180),
        noise.toString('base64', index * 1_000, index * 1_000 + 768),
      ]),
    )
    const all = Array.from({ length: 20 }, () => delivery('', { attributes }))
    for (const batch of cutBatches(all, LARGEST).flatMap(({ batches }) => batches)) {
      expect(encodeBatch(batch).length).toBeLessThanOrEqual(MAX_PAYLOAD_BYTES)
    }
  })
})
