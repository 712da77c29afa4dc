// Only failures of the registry leave an activity: Temporal stores the message of every error, and of every cause.

import { inspect } from 'node:util'
import { expect, test } from '@jest/globals'
import { ApplicationFailure, CancelledFailure } from '@temporalio/common'
import { MockActivityEnvironment } from '@temporalio/testing'
import { DefaultLogger, type LogEntry } from '@temporalio/worker'
import { failure } from '#runtime/service-error'
import { onlyKnownFailures } from '../../../workers/known-failures.ts'

const CANARY = 'jane.doe@example.com'

/** What leaves an activity that throws `reason`, and what is logged of it. */
async function leave(reason: unknown, isCancelled = false) {
  const entries: LogEntry[] = []
  const logger = new DefaultLogger('TRACE', (entry) => void entries.push(entry))
  const environment = new MockActivityEnvironment({}, { interceptors: [onlyKnownFailures], logger })
  if (isCancelled) environment.cancel('CANCELLED')
  const [run] = await Promise.allSettled([
    environment.run(async () => {
      throw reason
    }),
  ])
  return { thrown: run.status === 'rejected' ? run.reason : null, entries }
}

const shownOf = (thrown: unknown) =>
  thrown instanceof Error
    ? inspect([thrown.message, thrown.stack, thrown.cause, Object.entries(thrown)], { depth: 9 })
    : inspect(thrown)

test.each([
  ['a defect', new TypeError(`Cannot read ${CANARY}`)],
  ['an error with a cause', new Error('outer', { cause: new Error(CANARY) })],
  ['an error of many lines', new Error(`first\n    at ${CANARY}\n${CANARY}`)],
  ['a text', CANARY],
  ['an object', { email: CANARY }],
  ['nothing', undefined],
  [
    'a failure that is not of the registry',
    ApplicationFailure.create({ message: CANARY, type: 'other' }),
  ],
  ['a failure without a type', ApplicationFailure.create({ message: CANARY })],
  [
    'a failure of the registry with a cause',
    ApplicationFailure.create({
      message: CANARY,
      type: 'segment_setup',
      cause: new Error(CANARY),
    }),
  ],
  ['a cancellation that nobody asked for', new CancelledFailure(CANARY)],
])('%s becomes an unexpected error in our own words, which is retried', async (_what, error) => {
  const { thrown, entries } = await leave(error)
  expect(thrown).toMatchObject({ type: 'unexpected_error', nonRetryable: false })
  expect(shownOf(thrown)).not.toContain('jane')
  const loud = entries.filter(({ level }) => level !== 'DEBUG' && level !== 'TRACE')
  expect(loud.some(({ message }) => message.includes('does not foresee'))).toBe(true)
  expect(inspect(loud, { depth: 9 })).not.toContain('jane')
})

test('the log says where it was thrown, and at debug level what it says', async () => {
  const { entries } = await leave(new TypeError(`Cannot read ${CANARY} of customer`))
  expect(entries).toEqual(
    expect.arrayContaining([
      expect.objectContaining({
        level: 'ERROR',
        meta: expect.objectContaining({
          error: 'TypeError',
          at: expect.stringContaining('known-failures.test.ts'),
        }),
      }),
      expect.objectContaining({
        level: 'DEBUG',
        meta: expect.objectContaining({ said: 'Cannot read (masked e-mail) of customer' }),
      }),
    ]),
  )
})

test('a failure of the registry leaves as it is', async () => {
  const known = failure('segment_throttled', 'Segment: answered 429', { retryAfterSeconds: 7 })
  const { thrown } = await leave(known)
  expect(thrown).toBe(known)
})

test('a cancellation that was asked for leaves as it is', async () => {
  const cancelled = new CancelledFailure('cancelled')
  const { thrown } = await leave(cancelled, true)
  expect(thrown).toBe(cancelled)
})
