// Everyday calls of Google's Python client, whose answers are those of BigQuery.

import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { type Started, start } from '../../support/local-bigquery.ts'
import { everydayCalls } from '../../support/python-client/run.ts'

let bigquery: Started
let answers: Readonly<Record<string, unknown>>
beforeAll(async () => {
  bigquery = await start()
  answers = await everydayCalls(bigquery.url)
}, 300_000)
afterAll(() => bigquery.stop())

const AT = '2026-01-01 12:30:00+00:00'

test.each<[string, unknown]>([
  ['create_dataset_and_table', 'local:py.t'],
  ['insert_rows_json', []],
  ['insert_rows', []],
  [
    'query_rows',
    [
      [1, 'a', AT, '1.5', ['x']],
      [2, null, null, null, []],
      [3, 'c', AT, '2.25', []],
    ],
  ],
  ['query_and_wait', [[1], [2]]],
  ['query_parameters', [[2, ['a', 'b'], '2026-01-01', AT, '1.1', "b'abc'", null]]],
  ['pages', 3],
  [
    'list_rows',
    [
      [1, 'a', AT, '1.5', ['x']],
      [2, null, null, null, []],
    ],
  ],
  [
    'list_selected_columns',
    [
      [1, 'a'],
      [2, null],
      [3, 'c'],
    ],
  ],
  ['get_table', [3, ['id', 'name', 'at', 'amount', 'tags']]],
  ['list_tables_and_datasets', [['t'], expect.arrayContaining(['py'])]],
  ['dry_run', ['id', 'name']],
  ['rows_of_a_job_that_names_no_table', [[1], [2], [3]]],
  ['query_into_a_table', 6],
  ['query_into_a_table_with_rows', expect.stringMatching(/^Conflict: 409 .*Already Exists: Table/)],
  [
    'query_into_a_table_without_that_column',
    expect.stringMatching(/^BadRequest: 400 .*Provided Schema does not match Table copy/),
  ],
  ['load_json', 1],
  [
    'load_json_without_a_schema',
    [
      ['a', 'INTEGER'],
      ['b', 'STRING'],
      ['c', 'FLOAT'],
      ['d', 'BOOLEAN'],
      ['e', 'DATE'],
      ['f', 'INTEGER'],
      ['g', 'RECORD'],
    ],
  ],
  // An empty cell is NULL, and an empty text where it has quotes.
  [
    'load_csv',
    [
      [8, 'x,y'],
      [9, null],
      [10, ''],
    ],
  ],
  [
    'load_csv_without_a_schema',
    [
      ['id', 'INTEGER'],
      ['name', 'STRING'],
      ['day', 'DATE'],
    ],
  ],
  [
    'load_a_bad_row',
    expect.stringMatching(/^BadRequest: 400 .*Rows: 2; errors: 1. Row 2: Cannot convert value/),
  ],
  ['load_around_a_bad_row', 1],
  ['load_in_place_of_the_rows', 1],
  ['load_a_large_file', 40_000],
  [
    'load_from_cloud_storage',
    expect.stringMatching(/^MethodNotImplemented: 501 .*Cloud Storage: upload the file/),
  ],
  ['copy_a_table', 3],
  ['jobs', ['DONE', 3, true]],
  ['cancel_a_job', true],
  ['dml', 2],
  ['view', 'VIEW'],
  ['missing_table', expect.stringMatching(/^NotFound: 404 .*Not found: Table local:py.nowhere/)],
  ['delete', expect.any(Number)],
])('%s', (call, expected) => {
  expect(answers[call]).toEqual(expected)
})

test('each call is compared', () => {
  expect(Object.keys(answers)).toHaveLength(32)
})
