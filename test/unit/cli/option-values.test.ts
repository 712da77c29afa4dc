// An id that a person copies to the command line is the one that the events have.

import { expect, test } from '@jest/globals'
import { anId } from '../../../cli/option-values.ts'

test.each([
  ['1001', '1001'],
  [' 1001 ', '1001'],
  ['\t1001\n', '1001'],
  ['\u00a01001\u200b', '1001'],
  ['\ufeff1001\u00ad', '1001'],
  ['a b', 'a b'],
  ['\\u001b[31mred', '\u001b[31mred'],
  ['\\u00ad1001', '\u00ad1001'],
  [' ', ''],
])('%j is %j', (typed, id) => {
  expect(anId(typed)).toBe(id)
})
