// What an answer of the Storage Write API says of an append: nothing counts as written that it does not say.

import { expect, test } from '@jest/globals'
import { readResponse } from '#warehouse/storage-write/answer'

const STREAM = 'projects/p/datasets/d/tables/t/streams/_default'
const ASKED = { writeStream: STREAM, rows: 3 }
const RESULT = { appendResult: {} }
const rowErrors = (...indexes: readonly number[]) => ({
  rowErrors: indexes.map((index) => ({ index, message: `row ${index}` })),
})

test.each([
  ['without a stream', RESULT],
  ['of the stream', { ...RESULT, writeStream: STREAM }],
  [
    'of the stream, by the number of the project',
    { ...RESULT, writeStream: STREAM.replace('/p/', '/12/') },
  ],
  ['with an error that is none', { ...RESULT, error: { code: 0 }, rowErrors: [] }],
])('a result %s is what was written', (_what, response) => {
  expect(readResponse(response, ASKED)).toEqual({ kind: 'written' })
})

test('rows that were sent are bad rows, the first and the last one too', () => {
  expect(readResponse(rowErrors(0, 2), ASKED)).toEqual({
    kind: 'bad_rows',
    errors: [
      { index: 0, message: 'row 0' },
      { index: 2, message: 'row 2' },
    ],
  })
})

test.each<[string, object]>([
  ['names the row after the last', rowErrors(3)],
  ['names a row before the first', rowErrors(-1)],
  ['names half a row', rowErrors(0.5)],
  ['names a row that was not sent beside one that was', rowErrors(1, 9)],
  ['has no result', {}],
  ['is of another table', { ...RESULT, writeStream: STREAM.replace('/t/', '/u/') }],
  ['is a result and an error', { ...RESULT, error: { code: 3 } }],
  ['is a result and has bad rows', { ...RESULT, ...rowErrors(0) }],
])('an answer that %s says nothing', (_what, response) => {
  expect(readResponse(response, ASKED).kind).toBe('undocumented')
})

test('an error is a fault by its status', () => {
  expect(readResponse({ error: { code: 8, message: 'quota' } }, ASKED)).toMatchObject({
    kind: 'fault',
    fault: { grpcStatus: 8 },
  })
})
