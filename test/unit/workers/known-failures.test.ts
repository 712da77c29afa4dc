// Only failures of the registry leave an activity: Temporal stores the message of every error, and of every cause.

import { inspect } from 'node:util'
import { expect, test } from '@jest/globals'
import { ApplicationFailure, CancelledFailure } from '@temporalio/common'
import { MockActivityEnvironment } from '@temporalio/testing'
import { DefaultLogger, type LogEntry } from '@temporalio/worker'
import { readConfig, workerConfig } from '#runtime/config'
import { failure } from '#runtime/service-error'
import { onlyKnownFailures } from '../../../workers/known-failures.ts'
import { workerOptions } from '../../../workers/options.ts'

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

test.each([
  new CancelledFailure('cancelled'),
  Object.assign(new Error('aborted'), { name: 'AbortError' }),
])('a cancellation that was asked for leaves as it is: %#', async (cancelled) => {
  const { thrown } = await leave(cancelled, true)
  expect(thrown).toBe(cancelled)
})

test('an error of another kind is unexpected although the activity was cancelled', async () => {
  const { thrown } = await leave(new TypeError(CANARY), true)
  expect(thrown).toMatchObject({
    type: 'unexpected_error',
    message: 'The code does not foresee this error: TypeError',
  })
})

const CONFIG = readConfig(workerConfig, {
  GOOGLE_CLOUD_PROJECT: 'a-project',
  SEGMENT_WRITE_KEY: 'key',
})

test('the span of an attempt is around the failure that reaches Temporal', async () => {
  const errors: unknown[] = []
  const tracing = {
    record: (_span: unknown, _start: number, _duration: number, error?: unknown) =>
      void errors.push(error),
    close: async () => {},
  }
  const { activity = [] } = workerOptions(CONFIG, tracing).interceptors ?? {}
  const workflowExecution = { workflowId: `batch-${'0a'.repeat(16)}`, runId: 'run-1' }
  const environment = new MockActivityEnvironment(
    { workflowExecution },
    { interceptors: activity, logger: new DefaultLogger('ERROR', () => {}) },
  )
  const running = environment.run(async () => {
    throw new TypeError('a defect')
  })
  const thrown: unknown = await running.catch((error: unknown) => error)
  expect(thrown).toMatchObject({ type: 'unexpected_error' })
  expect(errors).toEqual([thrown])
})
