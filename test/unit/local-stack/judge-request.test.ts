// Segment's documented limits, to the byte and to the call.

import { expect, test } from '@jest/globals'
import { judgeRequest } from '../../../deploy/local/segment/judge-request.ts'

const basic = (credentials: string) => `Basic ${Buffer.from(credentials).toString('base64')}`
const KEY = basic('key:')
const call = (more: object = {}) => ({ type: 'track', event: 'e', userId: 'u', ...more })
const bodyOf = (batch: readonly object[], note = '') => JSON.stringify({ note, batch })

/** A call of these many bytes, of two bytes a character. */
function callOf(bytes: number) {
  const room = bytes - Buffer.byteLength(JSON.stringify(call({ x: '' })))
  return call({ x: 'é'.repeat(Math.floor(room / 2)) + 'x'.repeat(room % 2) })
}

function requestOf(bytes: number) {
  return bodyOf([call()], 'x'.repeat(bytes - Buffer.byteLength(bodyOf([call()]))))
}

const calls = (count: number) => bodyOf(Array.from({ length: count }, () => call()))

test.each([
  ['a request of 500 KB', requestOf(500 * 1024), { status: 200, dropped: 0 }],
  ['a request of one byte more', requestOf(500 * 1024 + 1), { status: 400 }],
  ['a call of 32 KB', bodyOf([callOf(32 * 1024)]), { status: 200, dropped: 0 }],
  ['a call of one byte more', bodyOf([callOf(32 * 1024 + 1)]), { status: 400 }],
  ['2,500 calls', calls(2_500), { status: 200, dropped: 0 }],
  ['one call more', calls(2_501), { status: 200, accepted: [], dropped: 2_501 }],
])('%s', (_, body, judgement) => {
  expect(judgeRequest(KEY, body)).toMatchObject(judgement)
})

test.each([
  [call(), 1],
  [call({ userId: undefined, anonymousId: 'a' }), 1],
  [call({ userId: '', anonymousId: '' }), 0],
  [call({ event: undefined }), 0],
  [call({ event: 7 }), 0],
  [call({ type: 'identify', event: undefined }), 1],
  [call({ type: undefined }), 0],
])('of %j, %i is accepted', (one, accepted) => {
  expect(judgeRequest(KEY, bodyOf([one]))).toMatchObject({ status: 200, dropped: 1 - accepted })
})

test.each([
  [undefined, 401],
  ['', 401],
  ['Bearer key', 401],
  [basic(''), 401],
  [basic(':password'), 401],
  [basic('key'), 200],
  [KEY.replace('Basic', 'basic'), 200],
])('the authorization %j is answered with %i', (authorization, status) => {
  expect(judgeRequest(authorization, bodyOf([call()])).status).toBe(status)
})

test.each(['', 'null', '[]', '{"batch":{}}', '{"batch":[1]}', '{"batch":[null]}'])(
  'the body %j is refused',
  (body) => {
    expect(judgeRequest(KEY, body)).toMatchObject({ status: 400 })
  },
)
