// What services say is cut and masked, and only a plain word is taken for the id of a request.

import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { createRemoteLog } from '#runtime/remote-log'
import { excerptOf, requestIdOf } from '#runtime/remote-text'
import { recordingLog } from '../../support/recording-log.ts'

const HASH = 'a'.repeat(32) + '0123456789abcdef0123456789abcdef'

test.each([
  ['an e-mail address', 'Value jane.doe@example.com is bad', 'jane.doe@example.com'],
  ['a phone number', 'Value +49 151 23456789 is bad', '+49 151 23456789'],
  ['a hash', `the value ${HASH} is bad`, HASH],
  ['a field of JSON', '{"error":{"customer_id":"C101-secret"}}', 'C101-secret'],
  ['a field of JSON within JSON', '{"got":"{\\"customer_id\\":\\"C101-secret\\"}"}', 'C101-secret'],
  ['a name of two words', '{"last_name": "van Dyke"}', 'Dyke'],
  ['a field of a sentence', 'bad row: customer_id=C101-secret, amount=1', 'C101-secret'],
  ['a field of a call', '{"userId":"C101-secret","event":"Order"}', 'C101-secret'],
])('%s is masked', (_what, text, secret) => {
  expect(text).toContain(secret)
  expect(excerptOf(text)).not.toContain(secret)
})

test('what names nobody stays', () => {
  const text = 'Provided Schema does not match Table local:streaming.audit_log'
  expect(excerptOf(text)).toBe(text)
})

test('half a word at the end does not show what the whole would not', () => {
  const text = `${'x '.repeat(245)}jane.doe@example.com`
  expect(excerptOf(text)).not.toContain('jane')
})

test('any text is cut, in time that its length does not decide', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(' ', '"', '=', ':', 'a', '\\', '@', '{"email":"', '+1', 'ab.'),
      (piece) => {
        const started = process.hrtime.bigint()
        expect(excerptOf(piece.repeat(1_000_000 / piece.length)).length).toBeLessThan(4_000)
        expect(Number(process.hrtime.bigint() - started) / 1e6).toBeLessThan(500)
      },
    ),
  )
})

const idOf = (value: unknown) =>
  requestIdOf((name) => (name === 'x-request-id' ? value : undefined))

test.each([
  'b1946ac9-2ed8-4b5a-b5f7-1f0a3e7c9d10',
  'Root=1-67891233-abcdef012345678912345678',
  'ABPnzm6X2lM',
])('%s is an id', (id) => {
  expect(idOf(id)).toBe(id)
})

test.each([
  ['an e-mail address', 'jane.doe@example.com'],
  ['a phone number', '+4915123456789'],
  ['digits', '4915123456789'],
  ['a hash', HASH],
  ['a sentence', 'the request of Jane Doe'],
  ['a customer id', 'C101'],
  ['a list', ['b1946ac9-2ed8']],
  ['nothing', undefined],
])('%s is none', (_what, value) => {
  expect(idOf(value)).toBeUndefined()
})

test.each([
  'x-request-id',
  'x-goog-request-id',
  'x-guploader-uploadid',
  'x-amzn-requestid',
  'x-amz-cf-id',
  'x-cloud-trace-context',
])('the id of a request is found in the header %s', (header) => {
  expect(requestIdOf((name) => (name === header ? 'req-0123456789' : undefined))).toBe(
    'req-0123456789',
  )
})

test('at most 500 characters are shown, and the words that fit in are whole', () => {
  const text = 'word '.repeat(100)
  expect(text).toHaveLength(500)
  expect(excerptOf(text)).toBe(text)
  expect(excerptOf(`${text}more`)).toBe(text)
  expect(excerptOf(`${'word '.repeat(99)}longer than that`)).toBe('word '.repeat(99))
  expect(excerptOf('x'.repeat(500))).toBe('x'.repeat(500))
  expect(excerptOf('x'.repeat(501))).toBe('(one long word)')
})

test('what is masked is told as such, and the text around it stays', () => {
  expect(excerptOf('bad row: customer_id=C101-secret, amount=1 of row 3')).toBe(
    'bad row: customer_id=(masked), amount=1 of row 3',
  )
  expect(excerptOf(`the value ${'ab'.repeat(16)} is bad`)).toBe('the value (masked hash) is bad')
  expect(excerptOf(`the value ${'a'.repeat(31)} is bad`)).toContain('a'.repeat(31))
})

test.each([
  [8, true],
  [63, true],
  [7, false],
  [64, false],
])('a word of %d characters is the id of a request: %s', (length, isId) => {
  const word = 'a'.repeat(length)
  expect(idOf(word)).toBe(isId ? word : undefined)
})

test('the first header with an id counts', () => {
  const values: Record<string, string> = {
    'x-request-id': 'jane.doe@example.com',
    'x-amz-cf-id': 'second-0123',
    'x-goog-request-id': 'first-01234',
  }
  expect(requestIdOf((name) => values[name])).toBe('first-01234')
})

describe('what a service said of a failed request', () => {
  const answer = { status: 400, grpcStatus: 3, requestId: 'req-0123456789' }

  test('is logged at debug level, masked, with what finds the request', () => {
    const { log, lines } = recordingLog()
    log.level = 'debug'
    createRemoteLog(log)('BigQuery audit_log', { ...answer, said: 'of jane.doe@example.com' })
    expect(lines).toMatchObject([
      { ...answer, level: 20, service: 'BigQuery audit_log', said: 'of (masked e-mail)' },
    ])
  })

  test('is not logged at another level, nor where it said nothing', () => {
    const { log, lines } = recordingLog()
    createRemoteLog(log)('Segment', { ...answer, said: 'of jane.doe@example.com' })
    log.level = 'debug'
    createRemoteLog(log)('Segment', answer)
    createRemoteLog(log)('Segment', { ...answer, said: '' })
    expect(lines).toEqual([])
  })
})
