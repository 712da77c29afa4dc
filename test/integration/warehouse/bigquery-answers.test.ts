// What counts as written to BigQuery, and as read from it: its documented answers alone, whatever stands in its place.

import { inspect } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { z } from 'zod'
import { createInsertAllWarehouse } from '#warehouse/insert-all'
import { createReader, type Reader } from '#warehouse/read'
import { readForActivities } from '#warehouse/read-for-activities'
import {
  type Answer,
  type AnsweringServer,
  SIGN_IN_PAGE,
  says,
  startAnsweringServer,
} from '../../support/answering-server.ts'
import { bigqueryAt } from '../../support/parts.ts'

let server: AnsweringServer
beforeAll(async () => {
  server = await startAnsweringServer()
})
afterAll(() => server.close())

const bigquery = () => bigqueryAt(`${server.url}/bigquery/v2`)
const readInActivity: Reader = (statement) => readForActivities(createReader(bigquery()))(statement)
const UNAVAILABLE = { type: 'warehouse_unavailable', nonRetryable: false }

const rows = (count: number) =>
  Array.from({ length: count }, (_, i) => ({ key: [`${i}`], columns: { order_id: `A${i}` } }))
const append = (count: number) =>
  createInsertAllWarehouse(bigquery()).append('staging_purchase', rows(count))

const INSERTED = { kind: 'bigquery#tableDataInsertAllResponse' }
const insertErrors = (...errors: readonly unknown[]) => ({ ...INSERTED, insertErrors: errors })
const invalid = (index: unknown, more: object = {}) => ({
  index,
  errors: [{ reason: 'invalid', location: 'currency', message: 'no', ...more }],
})

describe('insertAll', () => {
  test('has written what BigQuery’s own answer says', async () => {
    server.answer(says(200, INSERTED))
    expect(await append(2)).toEqual({ written: 2, failed: [] })
  })

  test('has written all but the rows that the answer names', async () => {
    server.answer(says(200, insertErrors(invalid(1), invalid('2'))))
    expect(await append(3)).toEqual({
      written: 1,
      failed: [
        { index: 1, reason: 'warehouse_invalid_currency' },
        { index: 2, reason: 'warehouse_invalid_currency' },
      ],
    })
  })

  test.each<[string, Answer]>([
    ['a web page', says(200, SIGN_IN_PAGE)],
    [
      'a web page of the type JSON',
      says(200, SIGN_IN_PAGE, { 'content-type': 'application/json' }),
    ],
    ['nothing', says(200)],
    ['204', says(204)],
    ['204 of the type JSON', says(204, '', { 'content-type': 'application/json' })],
    ['202', says(202)],
    ['the answer with the status 201', says(201, INSERTED)],
    ['the answer with the status 202', says(202, INSERTED)],
    ['the answer with the status 203', says(203, INSERTED)],
    ['the answer with the status 206', says(206, INSERTED)],
    ['an error of a row without a number', says(200, insertErrors(invalid(null)))],
    ['an error of a row that is no number', says(200, insertErrors(invalid(true)))],
    ['an error of a row that is a list', says(200, insertErrors(invalid([])))],
    ['an error of a row that is blank', says(200, insertErrors(invalid('')))],
    ['an error of a row in another notation', says(200, insertErrors(invalid('0x0')))],
    ['an empty object', says(200, {})],
    ['a list', says(200, [INSERTED])],
    ['text that is JSON', says(200, '"bigquery#tableDataInsertAllResponse"')],
    ['the answer to another question', says(200, { kind: 'bigquery#queryResponse' })],
    ['half of the answer', says(200, '{"kind":"bigquery#tableDataIns')],
    ['errors that are no list', says(200, { ...INSERTED, insertErrors: 'all' })],
    ['an error of a row that was not sent', says(200, insertErrors(invalid(2)))],
    ['an error of a row before the first', says(200, insertErrors(invalid(-1)))],
    ['an error of half a row', says(200, insertErrors(invalid(0.5)))],
    ['an error of no row', says(200, insertErrors({ errors: [{ reason: 'invalid' }] }))],
    ['two errors of one row', says(200, insertErrors(invalid(0), invalid(0)))],
    ['an error without a reason', says(200, insertErrors({ index: 0, errors: [] }))],
    ['an error that is null', says(200, insertErrors(null))],
  ])('has written nothing by %s, and is made again', async (_lie, answer) => {
    server.answer(answer)
    await expect(append(2)).rejects.toMatchObject({
      ...UNAVAILABLE,
      message: expect.stringMatching(/no(thing| row) counts as (done|written)|answered 20\d/),
    })
    expect(server.requests()).toBe(1)
  })

  test.each<[string, unknown]>([
    ['text', 'all of them'],
    ['null in a list', [null]],
    ['a number', 7],
    ['an object with a length', { length: 1 }],
  ])('fails, and nothing else does, where the errors of a refusal are %s', async (_lie, errors) => {
    server.answer(says(503, { error: { code: 503, message: 'no', errors } }))
    await expect(append(2)).rejects.toMatchObject(UNAVAILABLE)
    const query = () => readInActivity({ sql: 'SELECT 1', params: {}, row: z.object({}) })
    await expect(query()).rejects.toMatchObject(UNAVAILABLE)
    server.answer(says(403, { error: { code: 403, message: 'no', errors } }))
    await expect(query()).rejects.toMatchObject({ type: 'warehouse_setup' })
  })

  test('says what came instead, and where to look', async () => {
    server.answer(says(200, SIGN_IN_PAGE))
    await expect(append(1)).rejects.toMatchObject({
      message:
        'BigQuery staging_purchase: answered 200: text/html came instead of a bigquery#tableDataInsertAllResponse, so that nothing counts as done. A proxy may stand between this process and BigQuery',
    })
  })

  test('names no column that is not ours, since a reason is stored in clear', async () => {
    server.answer(says(200, insertErrors(invalid(0, { location: 'jane@example.com' }))))
    expect(await append(1)).toEqual({
      written: 0,
      failed: [{ index: 0, reason: 'warehouse_invalid' }],
    })
  })
})

describe('a request that is too large', () => {
  const limit =
    (most: number, refuse: Answer): Answer =>
    (response, asked) =>
      asked.body.length > most || asked.body.includes('A2')
        ? refuse(response, asked)
        : says(200, INSERTED)(response, asked)

  test.each<[string, Answer, string]>([
    ['413 and a page', says(413, '<h1>Request Entity Too Large</h1>'), 'warehouse_row_too_large'],
    ['413 and nothing', says(413), 'warehouse_row_too_large'],
    ['413 and text in JSON', says(413, { error: 'too large' }), 'warehouse_row_too_large'],
    [
      '413 and a number as text',
      says(413, { error: { code: '413', message: 'Request too large', errors: [] } }),
      'warehouse_row_too_large',
    ],
    [
      '413 in BigQuery’s form',
      says(413, { error: { code: 413, errors: [{ reason: 'uploadTooLarge' }] } }),
      'warehouse_row_too_large',
    ],
    [
      '400 that says so',
      says(400, {
        error: { code: 400, message: 'Request payload size exceeds the limit: 10485760 bytes.' },
      }),
      'warehouse_row_too_large',
    ],
    ['400 that does not say so', says(400, { error: { code: 400 } }), 'warehouse_refused'],
  ])('by %s is halved until the row stands alone', async (_how, refuse, reason) => {
    server.answer(limit(300, refuse))
    expect(await append(8)).toEqual({ written: 7, failed: [{ index: 2, reason }] })
  })
})

test('the words of an event that a refusal quotes are not taken for a refused sign-in', async () => {
  const message = 'Invalid value: invalid_grant, default credentials'
  server.answer(says(400, { error: { code: 400, message, errors: [{ reason: 'invalid' }] } }))
  expect(await append(1)).toEqual({
    written: 0,
    failed: [{ index: 0, reason: 'warehouse_refused' }],
  })
})

describe('a query', () => {
  const SCHEMA = { fields: [{ name: 'id', type: 'STRING' }] }
  const jobReference = { projectId: 'local', jobId: 'job-1' }
  const row = (id: string) => ({ f: [{ v: id }] })
  const page = (more: object) => ({ jobReference, jobComplete: true, schema: SCHEMA, ...more })
  const first = (more: object) => page({ kind: 'bigquery#queryResponse', ...more })
  const next = (more: object) => page({ kind: 'bigquery#getQueryResultsResponse', ...more })
  /** The one answer to the query, the other to whatever is asked of its job. */
  const inTurn =
    (query: Answer, results: Answer): Answer =>
    (response, asked) =>
      (asked.method === 'POST' ? query : results)(response, asked)
  const ask = () =>
    readInActivity({ sql: 'SELECT id', params: {}, row: z.object({ id: z.string() }) })
  const one = says(200, first({ totalRows: '2', rows: [row('a')], pageToken: 'p' }))

  test.each<[string, Answer, { id: string }[]]>([
    ['no rows', says(200, first({ totalRows: '0' })), []],
    [
      'rows at once',
      says(200, first({ totalRows: '2', rows: [row('a'), row('b')] })),
      [{ id: 'a' }, { id: 'b' }],
    ],
    [
      'rows on two pages',
      inTurn(one, says(200, next({ totalRows: '2', rows: [row('b')] }))),
      [{ id: 'a' }, { id: 'b' }],
    ],
    [
      'rows once the job is done',
      inTurn(
        says(200, { kind: 'bigquery#queryResponse', jobComplete: false, jobReference }),
        says(200, next({ totalRows: '1', rows: [row('a')] })),
      ),
      [{ id: 'a' }],
    ],
  ])('has %s where BigQuery says so', async (_what, answer, expected) => {
    server.answer(answer)
    expect(await ask()).toEqual(expected)
  })

  test.each<[string, Answer]>([
    ['a web page', says(200, SIGN_IN_PAGE)],
    ['nothing', says(200)],
    ['204', says(204)],
    ['an empty object', says(200, {})],
    ['null', says(200, 'null', { 'content-type': 'application/json' })],
    [
      'a job that is not complete, and has no name',
      says(200, first({ jobComplete: false, jobReference: undefined })),
    ],
    ['the answer of a load job', says(200, first({ kind: 'bigquery#job' }))],
    ['a count and no rows', says(200, first({ totalRows: '3' }))],
    ['no count', says(200, first({}))],
    [
      'rows without their schema',
      says(200, first({ totalRows: '1', rows: [row('a')], schema: undefined })),
    ],
    ['rows that are none', says(200, first({ totalRows: '1', rows: ['a'] }))],
    ['a web page in place of the second page', inTurn(one, says(200, SIGN_IN_PAGE))],
    ['an empty second page', inTurn(one, says(200, next({ totalRows: '2' })))],
    [
      'a web page in place of the result of a job',
      inTurn(
        says(200, { kind: 'bigquery#queryResponse', jobComplete: false, jobReference }),
        says(200, SIGN_IN_PAGE),
      ),
    ],
  ])('has failed by %s, instead of having no rows', async (_lie, answer) => {
    server.answer(answer)
    await expect(ask()).rejects.toMatchObject(UNAVAILABLE)
  })
})

test.each([400, 401, 403, 404, 413, 429, 500, 503])(
  'a query that is answered %i fails without a word of the answer',
  async (status) => {
    const quote = 'jane.doe@example.com'
    const errors = [{ reason: quote, message: quote }]
    server.answer(says(status, { error: { code: quote, status: quote, message: quote, errors } }))
    const reading = readInActivity({ sql: 'SELECT 1', params: { quote }, row: z.unknown() })
    const failure = await reading.catch((error: unknown) => error)
    expect(failure).toMatchObject({ message: `BigQuery query: answered ${status}` })
    expect(inspect(failure, { depth: 9, showHidden: true })).not.toContain('jane')
  },
)

test('a table is not there because a proxy says so', async () => {
  server.answer(says(200, SIGN_IN_PAGE))
  const table = bigquery().dataset('streaming').table('audit_log')
  await expect(table.exists()).rejects.toThrow('instead of a bigquery#')
  await expect(table.delete()).rejects.toThrow('instead of an empty answer')
})
