import { expect, test } from '@jest/globals'
import { fromDuckDb, repeatIfMisread } from '../../../deploy/local/bigquery/engine/query-errors.ts'

const MISREAD =
  'Invalid Input Error: Invalid unicode (byte sequence mismatch) detected in segment statistics update'

/** @returns a query that fails with each message in turn and then answers 1, and how often it was run */
function failing(...messages: readonly string[]) {
  let runs = 0
  const query = async () => {
    const message = messages[runs++]
    if (message !== undefined) throw new Error(message)
    return 1
  }
  return { query, runs: () => runs }
}

test('a query whose text DuckDB has read wrongly is run once more', async () => {
  const { query, runs } = failing(MISREAD)
  await expect(repeatIfMisread(query)).resolves.toBe(1)
  expect(runs()).toBe(2)
})

test('a query that fails so twice fails as a fault of the server, not of the query', async () => {
  const { query, runs } = failing(MISREAD, MISREAD)
  const error: unknown = await repeatIfMisread(query).catch((thrown: unknown) => thrown)
  expect(runs()).toBe(2)
  expect(fromDuckDb(error, 'SELECT 1')).toMatchObject({
    code: 500,
    reason: 'internalError',
  })
})

test('a query that fails for another reason is not repeated', async () => {
  const { query, runs } = failing('Conversion Error: no number')
  await expect(repeatIfMisread(query)).rejects.toThrow('no number')
  expect(runs()).toBe(1)
})

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
