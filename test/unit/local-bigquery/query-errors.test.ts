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
