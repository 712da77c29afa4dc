// The input of a run that an earlier version started is read as it was meant.

import { expect, test } from '@jest/globals'
import { previousRunOf } from '#contracts/dead-letter/resolution'

test('the run before is found by its name, and by the name an earlier version gave it', () => {
  expect(previousRunOf({ previousRunId: 'run-1' })).toBe('run-1')
  expect(previousRunOf({ redriveOf: 'run-1' })).toBe('run-1')
})

test('where Temporal has forgotten the run before, there is none', () => {
  expect(previousRunOf({ previousRunId: null })).toBeNull()
  expect(previousRunOf({ redriveOf: null })).toBeNull()
})
