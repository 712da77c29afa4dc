// What ends a command half way is named for what it is: who does not answer may do so later, who refuses may not.

import { status } from '@grpc/grpc-js'
import { expect, test } from '@jest/globals'
import { ServiceError } from '@temporalio/client'
import { halfWay } from '#operations/dead-letters/interrupted'

const fromTemporal = (code: status, details: string) =>
  new ServiceError('Failed to start Workflow', {
    cause: Object.assign(new Error(details), { code, details, metadata: {} }),
  })

test.each([status.UNAVAILABLE, status.DEADLINE_EXCEEDED, status.CANCELLED])(
  'a Temporal that does not answer (%s) does not answer any more',
  (code) => {
    expect(() => halfWay(fromTemporal(code, 'gone'))).toThrow(
      /^Temporal does not answer any more\. Runs .* once it answers, the same command goes on/,
    )
  },
)

test('a refusal of Temporal is told in its words', () => {
  expect(() => halfWay(fromTemporal(status.PERMISSION_DENIED, 'No write access.'))).toThrow(
    /^Temporal refused: No write access\. Runs that were started go on by themselves\.$/,
  )
})

test('any other error stays what it is', () => {
  const error = new TypeError('ours')
  expect(() => halfWay(error)).toThrow(error)
})
