// Our tables of status codes agree with gRPC's library and with Node.

import { STATUS_CODES } from 'node:http'
import { status } from '@grpc/grpc-js'
import { expect, test } from '@jest/globals'
import { codeOf, GRPC, grpcName, HTTP } from '#runtime/status-codes'

test('the codes of gRPC are those of its library, and all of them', () => {
  const names = Object.keys(status).filter((key) => Number.isNaN(Number(key)))
  expect(GRPC).toEqual(Object.fromEntries(names.map((name) => [name, Reflect.get(status, name)])))
})

test('a code of gRPC has its name, and a number that is none has no name', () => {
  for (const [name, code] of Object.entries(GRPC)) expect(grpcName(code)).toBe(name)
  expect(grpcName(17)).toBeUndefined()
  expect(grpcName('5')).toBeUndefined()
})

/** Those of Amazon and of nginx, and the one whose name has changed since. */
const NOT_OF_NODE = new Set([
  'CLIENT_CLOSED_CONNECTION',
  'CLIENT_CLOSED_REQUEST',
  'CONTENT_TOO_LARGE',
])

test.each(Object.entries(HTTP).filter(([name]) => !NOT_OF_NODE.has(name)))(
  'the code of HTTP %s has the name that Node gives it',
  (name, code) => {
    expect(STATUS_CODES[code]?.toUpperCase().replaceAll(' ', '_')).toBe(name)
  },
)

test('the code of an error is found, and nothing else has one', () => {
  expect(codeOf(Object.assign(new Error('away'), { code: GRPC.NOT_FOUND }))).toBe(5)
  expect(codeOf(Object.assign(new Error('away'), { code: 'ECONNRESET' }))).toBe('ECONNRESET')
  expect(codeOf(new Error('away'))).toBeUndefined()
  expect(codeOf({ code: 5 })).toBeUndefined()
})
