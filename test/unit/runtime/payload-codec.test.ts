// What Temporal stores is unreadable without the key, comes back as it was with it, and tells which key is missing.

import { inspect } from 'node:util'
import { expect, test } from '@jest/globals'
import { defaultPayloadConverter, type Payload } from '@temporalio/common'
import * as fc from 'fast-check'
import { createPayloadCodec, PayloadKeyError } from '#runtime/payload-codec'
import { newPayloadKey, readPayloadKeys } from '#runtime/payload-keys'
import { keysOf, pair } from '../../support/payload-keys.ts'

const codecOf = (text: string) => createPayloadCodec(keysOf(text))
const october = codecOf(pair('2026-10', 1))

/** Comparable by value, whatever kind of bytes. */
const plain = ({ metadata, data }: Payload) => ({
  metadata: Object.entries(metadata ?? {}).map(([key, bytes]) => [key, hex(bytes)]),
  data: hex(data),
})
const hex = (bytes: Uint8Array | null | undefined) => Buffer.from(bytes ?? []).toString('hex')
const text = (bytes: Uint8Array | null | undefined) => Buffer.from(bytes ?? []).toString()

const anyPayload: fc.Arbitrary<Payload> = fc.record({
  metadata: fc.dictionary(fc.string({ minLength: 1 }), fc.uint8Array({ maxLength: 20 }), {
    maxKeys: 4,
    noNullPrototype: true,
  }),
  data: fc.uint8Array({ maxLength: 400 }),
})

const secret = (): Payload => defaultPayloadConverter.toPayload({ email: 'max@example.com' })

async function expectRefused(decoding: Promise<unknown>): Promise<Error> {
  const error: unknown = await decoding.then(
    () => new Error('it was decoded'),
    (thrown: unknown) => thrown,
  )
  if (error instanceof PayloadKeyError) return error
  throw error
}

test('any payloads come back as they were, in their order', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(anyPayload, { maxLength: 4 }), async (payloads) => {
      const decoded = await october.decode(await october.encode(payloads))
      expect(decoded.map(plain)).toEqual(payloads.map(plain))
    }),
  )
})

test('what goes to Temporal shows the key id and nothing of the payload', async () => {
  const [encrypted] = await october.encode([secret()])
  expect(text(encrypted?.metadata?.['encoding'])).toBe('binary/encrypted')
  expect(text(encrypted?.metadata?.['encryption-key-id'])).toBe('2026-10')
  expect(Object.keys(encrypted?.metadata ?? {})).toHaveLength(2)
  expect(text(encrypted?.data)).not.toMatch(/max|json/)
})

test('the same payload is another text each time', async () => {
  const encrypted = await october.encode(Array.from({ length: 50 }, secret))
  expect(new Set(encrypted.map(({ data }) => hex(data?.subarray(0, 12)))).size).toBe(50)
  expect(new Set(encrypted.map(({ data }) => hex(data))).size).toBe(50)
})

test('the first key encrypts and all decrypt, so that keys can be changed while workflows run', async () => {
  const [old] = await october.encode([secret()])
  const rotated = codecOf(`${pair('2026-11', 2)},${pair('2026-10', 1)}`)
  const [fresh] = await rotated.encode([secret()])
  expect(text(fresh?.metadata?.['encryption-key-id'])).toBe('2026-11')
  const decoded = await rotated.decode([old ?? {}, fresh ?? {}])
  expect(decoded.map(plain)).toEqual([plain(secret()), plain(secret())])
})

test('without keys nothing is encrypted, and what is not encrypted passes with keys, too', async () => {
  const none = createPayloadCodec([])
  expect((await none.encode([secret()])).map(plain)).toEqual([plain(secret())])
  expect((await october.decode([secret()])).map(plain)).toEqual([plain(secret())])
})

test.each([
  [
    'no key at all',
    createPayloadCodec([]),
    'A payload is encrypted with key `2026-10`, and PAYLOAD_KEYS is not set: set it to the keys of the processes that encrypt, and restart this one.',
  ],
  [
    'other keys',
    codecOf(`${pair('2026-11', 2)},${pair('2026-12', 3)}`),
    'A payload is encrypted with key `2026-10`, which PAYLOAD_KEYS does not have: add it behind the others (`2026-11`, `2026-12`), and restart this process.',
  ],
  [
    'another key of the same id',
    codecOf(pair('2026-10', 9)),
    'A payload encrypted with key `2026-10` cannot be decrypted: PAYLOAD_KEYS has another key under that id, or the payload was changed. Put the key it was encrypted with into PAYLOAD_KEYS.',
  ],
])('with %s the error names the key and says what to do', async (_what, codec, message) => {
  const [encrypted = {}] = await october.encode([secret()])
  expect((await expectRefused(codec.decode([encrypted]))).message).toBe(message)
})

test('a payload that was changed anywhere is refused', async () => {
  const [encrypted] = await october.encode([secret()])
  const data = Buffer.from(encrypted?.data ?? [])
  for (let at = 0; at < data.length; at++) {
    const changed = Buffer.from(data)
    changed.writeUInt8(changed.readUInt8(at) ^ 1, at)
    await expectRefused(october.decode([{ ...encrypted, data: changed }]))
  }
  for (const length of [0, 11, 27, data.length - 1])
    await expectRefused(october.decode([{ ...encrypted, data: data.subarray(0, length) }]))
})

test('a payload cannot be passed off as encrypted with another key', async () => {
  const same = codecOf(`${pair('a', 1)},${pair('b', 1)}`)
  const [encrypted] = await same.encode([secret()])
  const metadata = { ...encrypted?.metadata, 'encryption-key-id': Buffer.from('b') }
  await expectRefused(same.decode([{ ...encrypted, metadata }]))
})

test('a key id from elsewhere cannot write into our logs', async () => {
  const [encrypted] = await october.encode([secret()])
  const metadata = { ...encrypted?.metadata, 'encryption-key-id': Buffer.from('x\n[fake] line') }
  const { message } = await expectRefused(october.decode([{ ...encrypted, metadata }]))
  expect(message).toContain('`x??fake??line`')
})

const good = Buffer.alloc(32, 1).toString('base64')

test.each([
  ['nothing but a key', good, 'pair 1 is not'],
  ['a key without an id', `:${good}`, 'pair 1 is not'],
  ['an id without a key', 'a:', 'pair 1 is not'],
  ['too many colons', `a:b:${good}`, 'pair 1 is not'],
  ['key and id turned round', `${good}:a`, 'pair 1 is not'],
  ['an id with a space', `a b:${good}`, 'pair 1 is not'],
  ['a comma too many', `a:${good},`, 'pair 2 is not'],
  ['a short key', `a:${Buffer.alloc(16, 1).toString('base64')}`, 'the key of `a` is not'],
  ['a long key', `a:${Buffer.alloc(33, 1).toString('base64')}`, 'the key of `a` is not'],
  ['hexadecimal', `a:${Buffer.alloc(32, 1).toString('hex')}`, 'the key of `a` is not'],
  ['no base64', `a:${'!'.repeat(44)}`, 'the key of `a` is not'],
  ['an id twice', `${pair('a', 1)},${pair('a', 2)}`, 'it has `a` twice'],
])('%s is refused, without a word of the key', (_what, keys, why) => {
  const reading = readPayloadKeys(keys)
  const problem = reading.ok ? 'it was taken' : reading.problem
  expect(problem).toContain(why)
  for (const part of keys.split(/[:,]/).filter((word) => word.length > 9))
    expect(problem).not.toContain(part)
})

test('a fresh pair is taken, and is another each time', () => {
  const fresh = newPayloadKey(new Date('2026-11-25T00:00:00Z'))
  expect(fresh).toMatch(/^2026-11:/)
  expect(keysOf(fresh)).toHaveLength(1)
  expect(newPayloadKey()).not.toBe(newPayloadKey())
})

test('spaces around the commas do no harm', () => {
  expect(keysOf(`${pair('a', 1)} , ${pair('b', 2)}`).map(({ id }) => id)).toEqual(['a', 'b'])
})

test('a key that gets into a log does not show', () => {
  const keys = keysOf(pair('a', 1))
  const shown = `${inspect(keys, { depth: 9 })}${JSON.stringify(keys)}`
  expect(shown).not.toContain(good)
  expect(shown).not.toMatch(/01 01 01|0101/)
})
