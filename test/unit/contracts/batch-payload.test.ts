// A batch as bytes comes back byte for byte, whatever partners send.

import { randomBytes } from 'node:crypto'
import { gzipSync } from 'node:zlib'
import { expect, test } from '@jest/globals'
import * as fc from 'fast-check'
import { MAX_PAYLOAD_BYTES, type Message } from '#contracts'
import { decodeBatch, encodeBatch, payloadTrailer } from '#contracts/batch-payload'
import { message, PUBLISH_TIME } from '../../fixtures/messages.ts'

/** Comparable by value: bytes as hex, attributes as pairs. */
const plain = ({ data, attributes, ...rest }: Message) => ({
  ...rest,
  attributes: Object.entries(attributes),
  data: Buffer.from(data).toString('hex'),
})

const anyText = fc.string({ unit: 'binary', maxLength: 40 })
const anyData = fc.oneof(
  fc.uint8Array({ maxLength: 300 }),
  anyText.map((text): Uint8Array => Buffer.from(text)),
)
const anyMessage: fc.Arbitrary<Message> = fc.record(
  {
    messageId: fc.string({ minLength: 1 }),
    publishTime: fc.constant(PUBLISH_TIME),
    attributes: fc.dictionary(anyText, anyText, { maxKeys: 5 }),
    data: anyData,
    redrivenAt: fc.constant(PUBLISH_TIME),
    part: fc.record({ index: fc.nat(10), of: fc.nat(10) }),
  },
  { requiredKeys: ['messageId', 'publishTime', 'attributes', 'data'] },
)

test('any bytes with any attributes come back as they were, in their order', () => {
  fc.assert(
    fc.property(fc.array(anyMessage, { minLength: 1, maxLength: 8 }), (messages) => {
      expect(decodeBatch(encodeBatch(messages)).map(plain)).toEqual(messages.map(plain))
    }),
    { numRuns: 150 },
  )
})

test('the trailer distinguishes a batch from each of its pieces, and is the same for the same batch', () => {
  const messages = Array.from({ length: 4 }, (_, index) => message({ index }))
  const pieces = [messages, messages.slice(0, 2), messages.slice(2), messages.slice(1)]
  const trailers = pieces.map((piece) => payloadTrailer(encodeBatch(piece)))
  expect(new Set(trailers).size).toBe(pieces.length)
  expect(payloadTrailer(encodeBatch(messages))).toBe(trailers[0])
})

test.each([
  ['no data at all', new Uint8Array()],
  ['a line break', Buffer.from('{"a":1}\n{"b":2}\r\n')],
  ['the separators of JavaScript', Buffer.from('\u2028\u2029\u0000')],
  ['a byte order mark', Buffer.from([0xef, 0xbb, 0xbf, 0x7b, 0x7d])],
  ['a character cut in half', Buffer.from('é').subarray(0, 1)],
  ['a surrogate in UTF-8', Buffer.from([0xed, 0xa0, 0x80])],
  ['the replacement character', Buffer.from('\ufffd')],
  ['a view into a larger buffer', Buffer.from('xxhalloxx').subarray(2, 7)],
  ['every byte', Uint8Array.from({ length: 256 }, (_, byte) => byte)],
])('%s comes back byte for byte', (_what, data) => {
  const [first, second] = decodeBatch(encodeBatch([message(data), message('next')]))
  expect(Buffer.from(first?.data ?? []).toString('hex')).toBe(Buffer.from(data).toString('hex'))
  expect(Buffer.from(second?.data ?? []).toString()).toBe('next')
})

test('an attribute with a name that means something to JavaScript is kept', () => {
  const attributes: Record<string, string> = JSON.parse('{"__proto__":"a","constructor":"b"}')
  const [decoded] = decodeBatch(encodeBatch([message('', { attributes })]))
  expect(Object.entries(decoded?.attributes ?? {})).toEqual([
    ['__proto__', 'a'],
    ['constructor', 'b'],
  ])
})

test('the events partners send shrink', () => {
  const messages = Array.from({ length: 200 }, () => message())
  const received = messages.reduce((total, { data }) => total + data.length, 0)
  expect(encodeBatch(messages).length).toBeLessThan(received / 4)
})

test('a batch that Temporal would refuse is refused here, by its size', () => {
  const tooLarge = [message(randomBytes(MAX_PAYLOAD_BYTES))]
  expect(() => encodeBatch(tooLarge)).toThrow(RangeError)
  expect(() => encodeBatch(tooLarge)).toThrow(/a batch of 1 messages is \d+ bytes, over 1900000/)
})

test.each([
  ['no gzip', Buffer.from('{"id":"1"}'), 'incorrect header check'],
  ['gzip of something else', gzipSync('hello'), 'does not begin with a list of its messages'],
  [
    'a list that says less than there is',
    gzipSync('[{"id":"1","time":"","bytes":2}]\nabc'),
    'the batch has 36 bytes, and its list says 35',
  ],
  [
    'a list that says more than there is',
    gzipSync('[{"id":"1","time":"","bytes":2}]\na'),
    'the batch has 34 bytes, and its list says 35',
  ],
  [
    'a truncated batch',
    Buffer.from(encodeBatch([message()])).subarray(0, -4),
    'unexpected end of file',
  ],
  ['a hundred megabytes in a nutshell', gzipSync(Buffer.alloc(100_000_000)), 'larger than'],
])('%s is refused, never half read', (_what, bytes, why) => {
  expect(() => decodeBatch(bytes)).toThrow(why)
})
