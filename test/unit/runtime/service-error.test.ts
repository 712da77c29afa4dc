// Every answer of BigQuery and Segment, and the failure an activity throws for it.

import { status as grpc } from '@grpc/grpc-js'
import { describe, expect, test } from '@jest/globals'
import { ApplicationFailure } from '@temporalio/common'
import { FAILURES, type FailureType, SETUP_RETRY_SECONDS } from '#contracts'
import {
  failure,
  isRefusal,
  type ServiceError,
  segmentFailure,
  warehouseFailure,
} from '#runtime/service-error'

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
    ]),
  )('$name is $type, retried: $retry', ({ answer, type, retry }) => {
    const thrown = segmentFailure({ ...answer, message: 'so it says' })
    expect(thrown).toBeInstanceOf(ApplicationFailure)
    expect(thrown.type).toBe(type)
    expect(treatmentOf(thrown)).toBe(retry)
  })
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
