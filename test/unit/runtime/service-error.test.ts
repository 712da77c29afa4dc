// Every answer of BigQuery and Segment, and the failure an activity throws for it.

import { status as grpc } from '@grpc/grpc-js'
import { describe, expect, test } from '@jest/globals'
import { ApplicationFailure } from '@temporalio/common'
import { FAILURES, type FailureType, SETUP_RETRY_SECONDS } from '#contracts'
import {
  failure,
  isRefusal,
  pubsubFailure,
  type ServiceError,
  segmentFailure,
  warehouseFailure,
} from '#runtime/service-error'
import { GRPC } from '#runtime/status-codes'

type Answer = Omit<ServiceError, 'message'>
type Row = readonly [answer: Answer, type: FailureType, retry: 'never' | 'backoff' | number]

const title = ({ status, grpcStatus, reason, retryAfterSeconds }: Answer) =>
  [
    status ?? grpc[grpcStatus ?? -1] ?? 'no answer',
    reason,
    retryAfterSeconds !== undefined && `Retry-After ${retryAfterSeconds}`,
  ]
    .filter(Boolean)
    .join(' ')
const titled = (rows: readonly Row[]) =>
  rows.map(([answer, type, retry]) => ({ name: title(answer), answer, type, retry }))

function treatmentOf({ nonRetryable, nextRetryDelay }: ApplicationFailure) {
  if (nonRetryable) return 'never'
  return nextRetryDelay ?? 'backoff'
}

const SLOWLY = SETUP_RETRY_SECONDS * 1000

describe('BigQuery', () => {
  test.each(
    titled([
      [{}, 'warehouse_unavailable', 'backoff'],
      [{ reason: 'ECONNRESET' }, 'warehouse_unavailable', 'backoff'],
      [{ reason: 'ENOTFOUND' }, 'warehouse_unavailable', 'backoff'],
      [{ status: 400, reason: 'invalid' }, 'warehouse_request', 'never'],
      [{ status: 400, reason: 'parseError' }, 'warehouse_request', 'never'],
      [{ status: 401, reason: 'authError' }, 'warehouse_setup', SLOWLY],
      [{ status: 403 }, 'warehouse_setup', SLOWLY],
      [{ status: 403, reason: 'accessDenied' }, 'warehouse_setup', SLOWLY],
      [{ status: 403, reason: 'quotaExceeded' }, 'warehouse_unavailable', 'backoff'],
      [{ status: 403, reason: 'rateLimitExceeded' }, 'warehouse_throttled', 'backoff'],
      [{ status: 404, reason: 'notFound' }, 'warehouse_setup', SLOWLY],
      [{ status: 408 }, 'warehouse_unavailable', 'backoff'],
      [{ status: 409, reason: 'duplicate' }, 'warehouse_request', 'never'],
      [{ status: 410 }, 'warehouse_request', 'never'],
      [{ status: 499 }, 'warehouse_request', 'never'],
      [{ status: 302 }, 'warehouse_unavailable', 'backoff'],
      [{ status: 200 }, 'warehouse_unavailable', 'backoff'],
      [{ status: 400, reason: 'rateLimitExceeded' }, 'warehouse_throttled', 'backoff'],
      [{ status: 403, retryAfterSeconds: 7 }, 'warehouse_setup', SLOWLY],
      [{ status: 429 }, 'warehouse_throttled', 'backoff'],
      [{ status: 429, retryAfterSeconds: 7 }, 'warehouse_throttled', 7000],
      [{ status: 500, reason: 'internalError' }, 'warehouse_unavailable', 'backoff'],
      [{ status: 502 }, 'warehouse_unavailable', 'backoff'],
      [{ status: 503, reason: 'backendError' }, 'warehouse_unavailable', 'backoff'],
      [{ status: 504 }, 'warehouse_unavailable', 'backoff'],
      [{ grpcStatus: grpc.CANCELLED }, 'warehouse_unavailable', 'backoff'],
      [{ grpcStatus: grpc.UNKNOWN }, 'warehouse_unavailable', 'backoff'],
      [{ grpcStatus: grpc.INVALID_ARGUMENT }, 'warehouse_request', 'never'],
      [
        { grpcStatus: grpc.INVALID_ARGUMENT, reason: 'SCHEMA_MISMATCH_EXTRA_FIELDS' },
        'warehouse_setup',
        SLOWLY,
      ],
      [{ grpcStatus: grpc.DEADLINE_EXCEEDED }, 'warehouse_unavailable', 'backoff'],
      [{ grpcStatus: grpc.NOT_FOUND }, 'warehouse_setup', SLOWLY],
      [{ grpcStatus: grpc.ALREADY_EXISTS }, 'warehouse_unavailable', 'backoff'],
      [{ grpcStatus: grpc.PERMISSION_DENIED }, 'warehouse_setup', SLOWLY],
      [{ grpcStatus: grpc.RESOURCE_EXHAUSTED }, 'warehouse_throttled', 'backoff'],
      [{ grpcStatus: grpc.FAILED_PRECONDITION }, 'warehouse_setup', SLOWLY],
      [{ grpcStatus: grpc.ABORTED }, 'warehouse_unavailable', 'backoff'],
      [{ grpcStatus: grpc.OUT_OF_RANGE }, 'warehouse_unavailable', 'backoff'],
      [{ grpcStatus: grpc.UNIMPLEMENTED }, 'warehouse_setup', SLOWLY],
      [{ grpcStatus: grpc.INTERNAL }, 'warehouse_unavailable', 'backoff'],
      [{ grpcStatus: grpc.UNAVAILABLE }, 'warehouse_unavailable', 'backoff'],
      [{ grpcStatus: grpc.DATA_LOSS }, 'warehouse_unavailable', 'backoff'],
      [{ grpcStatus: grpc.UNAUTHENTICATED }, 'warehouse_setup', SLOWLY],
    ]),
  )('$name is $type, retried: $retry', ({ answer, type, retry }) => {
    const thrown = warehouseFailure('audit_log', { ...answer, message: 'so it says' })
    expect(thrown).toBeInstanceOf(ApplicationFailure)
    expect(thrown.type).toBe(type)
    expect(treatmentOf(thrown)).toBe(retry)
  })

  test.each([
    'TABLE_NOT_FOUND',
    'STREAM_NOT_FOUND',
    'SCHEMA_MISMATCH',
    'SCHEMA_MISMATCH_EXTRA_FIELDS',
    'CMEK_NOT_PROVIDED',
    'INVALID_CMEK_PROVIDED',
    'KMS_PERMISSION_DENIED',
  ])('a person has to act on %s, whatever its status, and no smaller request helps', (reason) => {
    for (const grpcStatus of [grpc.INVALID_ARGUMENT, grpc.INTERNAL]) {
      expect(warehouseFailure('audit_log', { grpcStatus, reason }).type).toBe('warehouse_setup')
      expect(isRefusal({ grpcStatus, reason, isTooLarge: true })).toBe(false)
    }
  })

  test('credentials that are refused are told as such, and a person has to act', () => {
    const { type, message } = warehouseFailure('audit_log', { status: 400, isSignIn: true })
    expect(type).toBe('warehouse_setup')
    expect(message).toBe(
      'BigQuery audit_log: answered 400: the credentials are missing, or are refused',
    )
  })

  test('names the table and the answer', () => {
    const fault = { status: 403, reason: 'quotaExceeded', message: 'Exceeded rows per second' }
    expect(warehouseFailure('audit_log', fault).message).toBe(
      'BigQuery audit_log: answered 403 quotaExceeded: Exceeded rows per second',
    )
    const overGrpc = { grpcStatus: grpc.RESOURCE_EXHAUSTED, message: 'Exceeds quota' }
    expect(warehouseFailure('audit_log', overGrpc).message).toBe(
      'BigQuery audit_log: answered RESOURCE_EXHAUSTED: Exceeds quota',
    )
    expect(warehouseFailure('audit_log', { message: 'socket hang up' }).message).toBe(
      'BigQuery audit_log: no answer: socket hang up',
    )
  })
})

describe('Segment', () => {
  test.each(
    titled([
      [{}, 'segment_unavailable', 'backoff'],
      [{ status: 301 }, 'segment_setup', SLOWLY],
      [{ status: 302 }, 'segment_setup', SLOWLY],
      [{ status: 401 }, 'segment_setup', SLOWLY],
      [{ status: 403 }, 'segment_setup', SLOWLY],
      [{ status: 404 }, 'segment_setup', SLOWLY],
      [{ status: 408 }, 'segment_unavailable', 'backoff'],
      [{ status: 410 }, 'segment_unavailable', 'backoff'],
      [{ status: 429 }, 'segment_throttled', 'backoff'],
      [{ status: 429, retryAfterSeconds: 0 }, 'segment_throttled', 'backoff'],
      [{ status: 429, retryAfterSeconds: 30 }, 'segment_throttled', 30_000],
      [{ status: 429, retryAfterSeconds: 30 * 86_400 }, 'segment_throttled', 3_600_000],
      [{ status: 460 }, 'segment_unavailable', 'backoff'],
      [{ status: 500 }, 'segment_unavailable', 'backoff'],
      [{ status: 503, retryAfterSeconds: 5 }, 'segment_unavailable', 5000],
      [{ status: 511 }, 'segment_unavailable', 'backoff'],
      [{ status: 200 }, 'segment_unavailable', 'backoff'],
      [{ status: 400 }, 'segment_setup', SLOWLY],
    ]),
  )('$name is $type, retried: $retry', ({ answer, type, retry }) => {
    const thrown = segmentFailure({ ...answer, message: 'so it says' })
    expect(thrown).toBeInstanceOf(ApplicationFailure)
    expect(thrown.type).toBe(type)
    expect(treatmentOf(thrown)).toBe(retry)
  })
})

describe('Pub/Sub', () => {
  const SETUP = [
    'INVALID_ARGUMENT',
    'NOT_FOUND',
    'PERMISSION_DENIED',
    'UNAUTHENTICATED',
    'FAILED_PRECONDITION',
  ]

  test.each(Object.entries(GRPC))('%s', (name, grpcStatus) => {
    const thrown = pubsubFailure({ grpcStatus, retryAfterSeconds: 4 })
    const isSetup = SETUP.includes(name)
    expect(thrown.type).toBe(isSetup ? 'pubsub_setup' : 'pubsub_unavailable')
    expect(treatmentOf(thrown)).toBe(isSetup ? SLOWLY : 4_000)
    expect(thrown.message).toBe(`Pub/Sub publish: answered ${name}`)
  })

  test('no answer is waited for, and refused credentials are for a person', () => {
    expect(pubsubFailure({})).toMatchObject({
      type: 'pubsub_unavailable',
      message: 'Pub/Sub publish: no answer',
    })
    expect(pubsubFailure({ isSignIn: true }).type).toBe('pubsub_setup')
  })
})

test('a failure has the reason and the id of the request, and no word of the service', () => {
  const { message } = segmentFailure({
    status: 503,
    reason: 'ECONNRESET',
    requestId: 'req-0123456789',
    said: 'jane.doe@example.com',
  })
  expect(message).toBe('Segment: answered 503 ECONNRESET (request id req-0123456789)')
})

test('a workflow is told of the pause that the server asks for, and of none where it asks for none', () => {
  expect(segmentFailure({ status: 429, retryAfterSeconds: 30 }).details).toEqual([30])
  expect(segmentFailure({ status: 429, retryAfterSeconds: 86_400 }).details).toEqual([3_600])
  expect(segmentFailure({ status: 429 }).details).toEqual([])
})

test.each([
  ['a request that is too large', { isTooLarge: true }, true],
  ['one that is too large for a proxy', { status: 502, isTooLarge: true }, true],
  [
    'one that is too large, by a caller who is not known',
    { isTooLarge: true, isSignIn: true },
    false,
  ],
  ['no answer', {}, false],
  ['an answer of gRPC that is no refusal', { grpcStatus: grpc.RESOURCE_EXHAUSTED }, false],
])('%s refuses what was sent: %#', (_what, answer, refuses) => {
  expect(isRefusal(answer)).toBe(refuses)
})

test.each([
  [400, true],
  [413, true],
  [401, false],
  [404, false],
  [429, false],
  [500, false],
  [undefined, false],
])('status %s refuses what was sent: %s', (status, refuses) => {
  expect(isRefusal({ status, message: '' })).toBe(refuses)
})

test.each([
  ['a request BigQuery cannot take', {}, true],
  ['a table that is older than the contracts', { reason: 'SCHEMA_MISMATCH_EXTRA_FIELDS' }, false],
  ['a revoked key', { isSignIn: true }, false],
])('INVALID_ARGUMENT for %s refuses what was sent: %j', (_what, more, refuses) => {
  expect(isRefusal({ grpcStatus: grpc.INVALID_ARGUMENT, message: '', ...more })).toBe(refuses)
})

test.each(Object.entries(FAILURES))('%s is retried as the registry says', (name, spec) => {
  const known = Object.keys(FAILURES).find((type): type is FailureType => type === name)
  const thrown = failure(known ?? 'batch_unreadable', 'why', { retryAfterSeconds: 9, message: '' })
  expect(thrown.type).toBe(name)
  expect(thrown.nonRetryable).toBe(spec.treatment === 'bug')
  expect(thrown.nextRetryDelay).toBe(spec.treatment === 'setup' ? SLOWLY : 9000)
})
