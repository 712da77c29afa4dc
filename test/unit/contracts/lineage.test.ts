// Lineage never makes Pub/Sub refuse a message, nor costs a partner's own attribute.

import { describe, expect, test } from '@jest/globals'
import * as fc from 'fast-check'
import { type Lineage, redriveAttemptOf, withLineage } from '#contracts/lineage'
import { messageBytes } from '#contracts/message-bytes'

const LINEAGE: Lineage = {
  dead_letter_reason: 'too_large_for_temporal',
  original_message_id: '11223344556677889',
  original_publish_time: '2026-11-20T10:00:00.000000Z',
  original_subscription: `projects/${'p'.repeat(30)}/subscriptions/${'s'.repeat(255)}`,
}

/** As Pub/Sub hands them out: up to 100, names of 256 bytes and values of 1,024 at most. */
const attributesOfPartners = fc.dictionary(
  fc.oneof(fc.string({ maxLength: 60 }), fc.constantFrom(...Object.keys(LINEAGE), 'redrive_of')),
  fc.string({ maxLength: 200 }),
  { maxKeys: 100, noNullPrototype: true },
)

const empty = new Uint8Array()
const many = (count: number) =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`a${index}`, 'x']))

test('whatever a message has, it stays within the limits of Pub/Sub, with all of its own attributes', () => {
  fc.assert(
    fc.property(attributesOfPartners, (attributes) => {
      const made = withLineage({ data: empty, attributes }, LINEAGE)
      const names = Object.keys(made.attributes)
      expect(names.length).toBeLessThanOrEqual(100)
      for (const [name, value] of Object.entries(made.attributes)) {
        expect(Buffer.byteLength(name)).toBeLessThanOrEqual(256)
        expect(Buffer.byteLength(value)).toBeLessThanOrEqual(1024)
      }
      const own = Object.entries(attributes).filter(([name]) => !/^goog/i.test(name))
      const added = Object.entries(LINEAGE).filter(([name]) => !made.leftOut.includes(name))
      expect(made.attributes).toEqual(Object.fromEntries([...own, ...added]))
    }),
  )
})

describe('a message without room', () => {
  test.each([
    ['for its attributes', { data: empty, attributes: many(100) }, 4],
    ['for the last two', { data: empty, attributes: many(98) }, 2],
    ['for its bytes', { data: Buffer.alloc(9_999_000), attributes: {} }, 4],
  ])('%s leaves lineage out, and says so', (_what, message, missing) => {
    const { attributes, leftOut } = withLineage(message, LINEAGE)
    expect(leftOut).toEqual(Object.keys(LINEAGE).slice(-missing))
    expect(Object.keys(attributes).length).toBeLessThanOrEqual(100)
    expect(messageBytes({ ...message, attributes })).toBeLessThan(10_000_000)
  })
})

test('a partner’s attribute of such a name gives way, and takes no more room than it had', () => {
  const attributes = { ...many(95), redrive_of: 'mine', ...LINEAGE, dead_letter_reason: 'mine' }
  const made = withLineage({ data: empty, attributes: { ...attributes, a0: 'kept' } }, LINEAGE)
  expect(made.attributes).toMatchObject({ ...LINEAGE, redrive_of: 'mine', a0: 'kept' })
})

test('attributes that Pub/Sub itself gave a message are not published, since only it may', () => {
  const attributes = { googclient_schemaencoding: 'JSON', partner_id: 'dealer-7' }
  expect(withLineage({ data: empty, attributes }, {}).attributes).toEqual({
    partner_id: 'dealer-7',
  })
})

test.each([
  [undefined, 0],
  ['1', 1],
  ['12', 12],
  ['', 0],
  ['-1', 0],
  ['1e9', 0],
  ['99999999999999999999', 0],
  ['two', 0],
])('redrive_attempt=%s counts %i', (value, count) => {
  const attributes: Record<string, string> = value === undefined ? {} : { redrive_attempt: value }
  expect(redriveAttemptOf({ attributes })).toBe(count)
})

test('names that Pub/Sub keeps for itself are left out, whatever their case, and no others', () => {
  const attributes = { googclient_x: '1', Google_x: '2', my_goog: '3', gclid: '4' }
  expect(withLineage({ data: empty, attributes }, {})).toEqual({
    attributes: { my_goog: '3', gclid: '4' },
    leftOut: [],
  })
})
