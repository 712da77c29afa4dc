// What Google's clients throw, read as a fault: over HTTP, over gRPC, and where the sign-in itself fails.

import { status } from '@grpc/grpc-js'
import { expect, test } from '@jest/globals'
import { toFault } from '#warehouse/google-error'

const error = (message: string, more: object = {}) => Object.assign(new Error(message), more)

test('a number below 100 is a gRPC status, and what the service said stands without it', () => {
  const thrown = error('7 PERMISSION_DENIED: no grant', {
    code: status.PERMISSION_DENIED,
    details: 'no grant',
  })
  expect(toFault(thrown)).toMatchObject({
    grpcStatus: status.PERMISSION_DENIED,
    said: 'no grant',
    message: undefined,
  })
  expect(toFault(thrown).status).toBeUndefined()
})

test('any other number is an HTTP status', () => {
  expect(toFault(error('no', { code: 403, errors: [{ reason: 'quotaExceeded' }] }))).toMatchObject({
    status: 403,
    reason: 'quotaExceeded',
    isSignIn: false,
    said: 'no',
    message: undefined,
  })
})

test('a word is the reason of a connection that failed', () => {
  expect(toFault(error('reset', { code: 'ECONNRESET' }))).toMatchObject({ reason: 'ECONNRESET' })
})

test.each([
  ['without credentials', error('Could not load the default credentials. Browse to …'), true],
  ['with a revoked key over HTTP', error('refused', { name: 'GaxiosError', code: 400 }), true],
  [
    'with a revoked key over gRPC',
    error('2 UNKNOWN: Getting metadata from plugin failed with error: invalid_grant', { code: 2 }),
    true,
  ],
  [
    'while the sign-in cannot be reached',
    error('14 UNAVAILABLE: Getting metadata from plugin failed with error: ECONNREFUSED', {
      code: 14,
    }),
    false,
  ],
  ['that is no error at all', 'thrown text', false],
])('a call %s is a matter of the sign-in: %j', (_what, thrown, isSignIn) => {
  expect(toFault(thrown).isSignIn).toBe(isSignIn)
})
