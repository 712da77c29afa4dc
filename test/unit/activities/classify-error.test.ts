// Every answer of BigQuery and Segment, and the failure an activity throws for it.

import { describe, expect, test } from '@jest/globals'
import { ApplicationFailure } from '@temporalio/common'
import { FAILURES, type FailureType, SETUP_RETRY_SECONDS } from '#contracts'
import {
  type CallFault,
  failure,
  isRefusal,
  segmentFailure,
  warehouseFailure,
} from '../../../activities/classify-error.ts'

type Answer = Omit<CallFault, 'message'>
type Row = readonly [answer: Answer, type: FailureType, retry: 'never' | 'backoff' | number]

const title = ({ status, reason, retryAfterSeconds }: Answer) =>
  [
    status ?? 'no answer',
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

test.each(Object.entries(FAILURES))('%s is retried as the registry says', (name, spec) => {
  const known = Object.keys(FAILURES).find((type): type is FailureType => type === name)
  const thrown = failure(known ?? 'batch_unreadable', 'why', { retryAfterSeconds: 9, message: '' })
  expect(thrown.type).toBe(name)
  expect(thrown.nonRetryable).toBe(spec.treatment === 'bug')
  expect(thrown.nextRetryDelay).toBe(spec.treatment === 'setup' ? SLOWLY : 9000)
})
