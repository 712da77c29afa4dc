// What interrupts an operation is named for what it is: a service that does not answer may do so later, one that refuses may not.

import { status } from '@grpc/grpc-js'
import { expect, test } from '@jest/globals'
import { ServiceError } from '@temporalio/client'
import { interrupted } from '#operations/dead-letters/interrupted'
import { explainError } from '../../../../cli/explain-error.ts'

const fromTemporal = (code: status, details: string) =>
  new ServiceError('Failed to start Workflow', {
    cause: Object.assign(new Error(details), { code, details, metadata: {} }),
  })

const wordsFor = (error: Error) => String(Object(explainError(interrupted(error))).message)

test.each([status.UNAVAILABLE, status.DEADLINE_EXCEEDED, status.CANCELLED])(
  'a Temporal that does not answer (%s) does not answer any more',
  (code) => {
    expect(wordsFor(fromTemporal(code, 'gone'))).toMatch(
      /^Temporal does not answer any more\. Runs .* once it answers, the same command continues/,
    )
  },
)

test('a refusal of Temporal is told in its words', () => {
  expect(wordsFor(fromTemporal(status.PERMISSION_DENIED, 'No write access.'))).toMatch(
    /^Temporal refused: No write access\. Runs that were started continue by themselves\.$/,
  )
})

test('any other error stays what it is', () => {
  const error = new TypeError('ours')
  expect(interrupted(error)).toBe(error)
})
