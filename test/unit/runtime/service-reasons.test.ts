// Which words of a service a failure may have: the documented reasons of BigQuery and the codes of connections, and no other text.

import { expect, test } from '@jest/globals'
import { connectionReason, knownReason } from '#runtime/service-reasons'

/** The table of https://docs.cloud.google.com/bigquery/docs/error-messages. */
const DOCUMENTED = [
  'accessDenied',
  'attributeError',
  'backendError',
  'billingNotEnabled',
  'billingTierLimitExceeded',
  'blocked',
  'duplicate',
  'internalError',
  'invalid',
  'invalidQuery',
  'invalidUser',
  'jobBackendError',
  'jobInternalError',
  'jobRateLimitExceeded',
  'notFound',
  'notImplemented',
  'proxyAuthenticationRequired',
  'quotaExceeded',
  'rateLimitExceeded',
  'resourceInUse',
  'resourcesExceeded',
  'responseTooLarge',
  'stopped',
  'tableUnavailable',
  'timeout',
]

/** Of Node, of its parser of HTTP and of OpenSSL. */
const CONNECTIONS = [
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ERR_TLS_CERT_ALTNAME_INVALID',
  'HPE_INVALID_CONSTANT',
  'UND_ERR_SOCKET',
  'CERT_HAS_EXPIRED',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
]

/** Of the front end of Google's APIs, which answers before BigQuery does. */
const FRONT_END = [
  'accessNotConfigured',
  'authError',
  'badRequest',
  'conditionNotMet',
  'forbidden',
  'noRateLimit',
  'parseError',
  'required',
  'uploadTooLarge',
]

test.each([...DOCUMENTED, ...FRONT_END, ...CONNECTIONS])('%s is known', (word) => {
  expect(knownReason(word)).toBe(word)
})

test.each([
  'jane.doe@example.com',
  'notfound',
  'notFound jane',
  'ECONNRESET jane',
  'JANE_DOE',
  'Error',
  '',
  7,
  undefined,
  ['notFound'],
])('%j is not', (word) => {
  expect(knownReason(word)).toBeUndefined()
})

const failed = (code: unknown, more: object = {}) =>
  Object.assign(new Error('jane.doe@example.com'), { code, ...more })

test('a connection failed for the reason of its error, or else of the cause of that', () => {
  expect(connectionReason(failed('ECONNRESET'))).toBe('ECONNRESET')
  const cause = failed('UND_ERR_SOCKET', { cause: failed('EPIPE') })
  expect(connectionReason(new TypeError('fetch failed', { cause }))).toBe('UND_ERR_SOCKET')
  expect(connectionReason(failed('jane', { cause: failed('EPIPE') }))).toBe('EPIPE')
})

test('a host with several addresses has the reason of each, once', () => {
  const errors = [failed('ECONNREFUSED'), failed('ENETUNREACH'), failed('ECONNREFUSED')]
  expect(connectionReason(failed('ECONNRESET', { errors }))).toBe('ECONNREFUSED, ENETUNREACH')
  expect(connectionReason(failed('ECONNRESET', { errors: [failed('jane')] }))).toBe('ECONNRESET')
})

test.each([new Error('jane'), failed('jane'), failed(14), 'ECONNRESET', null, undefined])(
  'a connection that failed without a code that is known has no reason: %#',
  (error) => {
    expect(connectionReason(error)).toBeUndefined()
  },
)
