// What becomes of the rows that insertAll names: a row that BigQuery can never take, or a request that is made again.

import { expect, test } from '@jest/globals'
import { failedRows, type RowError } from '../../../warehouse/insert-errors.ts'

const rowOf = (index: number, reason: string, more: object = {}): RowError => ({
  index,
  errors: [{ reason, location: '', message: '', ...more }],
})

test('an invalid row is one that BigQuery can never take, by the column that it names', () => {
  const rows = [rowOf(3, 'invalid', { location: 'amount' }), rowOf(5, 'invalid')]
  expect(failedRows('staging_purchase', rows)).toEqual([
    { index: 3, reason: 'warehouse_invalid_amount' },
    { index: 5, reason: 'warehouse_invalid' },
  ])
})

// `stopped` is what BigQuery says of the good rows beside a bad one.
test.each(['stopped', 'timeout', 'backendError', 'internalError', 'quotaExceeded', 'any new word'])(
  'a row with the reason %s has the whole request made again, also beside an invalid row',
  (reason) => {
    const isRepeated = expect.objectContaining({
      type: 'warehouse_unavailable',
      nonRetryable: false,
    })
    for (const rows of [[rowOf(0, reason)], [rowOf(0, 'invalid'), rowOf(1, reason)]])
      expect(errorOf(rows)).toEqual(isRepeated)
  },
)

test('a column that the table lacks is an error of the set-up, and of no row', () => {
  const message = 'no such field: currency.'
  expect(errorOf([rowOf(0, 'invalid', { message })])).toMatchObject({
    type: 'warehouse_setup',
    message: 'BigQuery staging_purchase: the table lacks currency',
  })
})

function errorOf(rows: readonly RowError[]): unknown {
  try {
    return failedRows('staging_purchase', rows)
  } catch (error) {
    return error
  }
}
