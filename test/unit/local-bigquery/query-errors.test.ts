import { expect, test } from '@jest/globals'
import { fromDuckDb } from '../../../deploy/local/bigquery/engine/query-errors.ts'

test.each([
  [
    "Conversion Error: Could not convert string '<gs>Bad int64 value: it's 'x'</gs>' to INT64\n\nLINE 1: …",
    "Bad int64 value: it's 'x'",
  ],
  [
    'Out of Range Error: Overflow in addition of INT64 (9223372036854775807 + 1)!',
    'int64 overflow: 9223372036854775807 + 1',
  ],
  [
    "Conversion Error: Type INT128 with value 9223372036854775808 can't be cast because the value is out of range for the destination type INT64",
    'int64 overflow',
  ],
  [
    'Invalid Input Error: More than one row returned by a subquery used as an expression',
    'Scalar subquery produced more than one element',
  ],
  ['Constraint Error: NOT NULL constraint failed: t.id', 'Required field id cannot be null'],
  [
    'Invalid Input Error: invalid perl operator: (?=',
    'Cannot parse regular expression: invalid perl operator: (?=',
  ],
  ["Not implemented Error: Unknown TimeZone 'Mars'!", 'Invalid time zone: Mars'],
])('%s', (message, words) => {
  expect(fromDuckDb(new Error(message), 'SELECT 1')).toMatchObject({
    code: 400,
    reason: 'invalidQuery',
    message: words,
  })
})

test("any other error is a defect of the server, with the engine's words and the statement", () => {
  const error = fromDuckDb(new Error('Binder Error: no such thing\nLINE 1'), 'SELECT odd')
  expect(error).toMatchObject({ code: 500, reason: 'internalError' })
  expect(error.message).toMatch(
    /a defect of it: please report .*Binder Error: no such thing.*SELECT odd/,
  )
})
