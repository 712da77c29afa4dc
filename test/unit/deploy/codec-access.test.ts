// From which pages the codec server may be asked, and by which names: both are compared as a whole.

import { expect, test } from '@jest/globals'
import { isAllowedHost, isAllowedOrigin } from '../../../deploy/codec-server/access.ts'

const ALLOWED = ['https://cloud.temporal.io', 'http://localhost:*']

test.each(['https://cloud.temporal.io', 'http://localhost:8233', 'http://localhost:1'])(
  'a page of %s may ask',
  (origin) => {
    expect(isAllowedOrigin(origin, ALLOWED)).toBe(true)
  },
)

test.each([
  'https://cloud.temporal.io.example.com',
  'https://cloud.temporal.io:8443',
  'https://example.com?https://cloud.temporal.io',
  'https://a.cloud.temporal.io',
  'http://cloud.temporal.io',
  'https://localhost:8233',
  'http://localhost.example.com:8233',
  'http://localhost:8233.example.com',
  'null',
  '',
])('a page of "%s" may not', (origin) => {
  expect(isAllowedOrigin(origin, ALLOWED)).toBe(false)
})

test.each(['localhost:8888', '127.0.0.1:8888', '[::1]:8888'])(
  'a server that listens on this machine only is meant by %s',
  (host) => {
    expect(isAllowedHost(host, '127.0.0.1')).toBe(true)
  },
)

// A page whose host name was made to point to this machine sends that name.
test.each(['evil.example.com:8888', 'localhost.example.com', '127.0.0.1.example.com:8888', ''])(
  'it is not meant by "%s", and a server that is open to other machines may have that name',
  (host) => {
    expect(isAllowedHost(host, '127.0.0.1')).toBe(false)
    expect(isAllowedHost(host, '0.0.0.0')).toBe(true)
  },
)
