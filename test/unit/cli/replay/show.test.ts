// The exit code of a replay: 0 only where everything that was selected is published.

import { expect, jest, test } from '@jest/globals'
import { show } from '../../../../cli/replay/run.ts'

test.each([
  [{ published: 3, leftOut: [], isDone: true }, 0],
  [{ published: 3, leftOut: [], isDone: false }, 1],
  [{ published: 3, leftOut: ['m1'], isDone: true }, 1],
])('the exit code of %j is %d', (done, code) => {
  const write = jest.spyOn(process.stdout, 'write').mockReturnValue(true)
  const options = { decision: 'accepted', rate: 1, json: true } as const
  expect(show(done, 'retries', options)).toBe(code)
  expect(JSON.parse(String(write.mock.calls[0]?.[0]))).toEqual(done)
  write.mockRestore()
})
