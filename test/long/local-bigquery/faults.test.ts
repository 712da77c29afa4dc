import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals'
import {
  createTable,
  errorOf,
  insertAll,
  rowsOf,
  type Started,
  start,
} from '../../support/local-bigquery.ts'

let bigquery: Started
beforeAll(async () => {
  bigquery = await start()
  await createTable(bigquery, 't', [{ name: 'x', type: 'INT64' }])
  await createTable(bigquery, 'other', [{ name: 'x', type: 'INT64' }])
})
afterEach(() => bigquery.faults('DELETE'))
afterAll(() => bigquery.stop())

const send = (table = 't') => insertAll(bigquery, table, { rows: [{ json: { x: 1 } }] })

test.each([
  [403, 'quotaExceeded'],
  [403, 'rateLimitExceeded'],
  [500, 'internalError'],
  [503, 'backendError'],
])('insertAll of one table fails with %i %s as often as asked', async (status, reason) => {
  await bigquery.faults('POST', { table: 'd.t', status, reason, times: 2 })
  expect((await send('other')).code).toBe(200)
  for (const _ of [1, 2]) {
    const { code, answer } = await send()
    expect({ code, reason: answer.error.errors[0]?.reason }).toEqual({ code: status, reason })
  }
  expect((await send()).code).toBe(200)
})

test('a fault without times lasts until it is taken away', async () => {
  await bigquery.faults('POST', { status: 503 })
  const error = await errorOf(
    bigquery.client
      .dataset('d')
      .table('t')
      .insert([{ x: 1 }]),
  )
  expect(error).toMatchObject({ code: 503, errors: [{ reason: 'backendError' }] })
  await bigquery.faults('DELETE')
  expect((await send()).code).toBe(200)
})

test('delayMs makes a call slow, hang leaves it without answer, reset cuts it off', async () => {
  await bigquery.faults('POST', { delayMs: 100, times: 1 })
  const begun = performance.now()
  expect((await send()).code).toBe(200)
  expect(performance.now() - begun).toBeGreaterThanOrEqual(99)

  await bigquery.faults('POST', { hang: true, times: 1 })
  const url = `${bigquery.url}/projects/local/datasets/d/tables/t/insertAll`
  const signal = AbortSignal.timeout(200)
  expect(await errorOf(fetch(url, { method: 'POST', body: '{}', signal }))).toMatchObject({
    name: 'TimeoutError',
  })

  await bigquery.faults('POST', { reset: true, times: 1 })
  expect(await errorOf(send())).toMatchObject({ cause: { code: 'UND_ERR_SOCKET' } })
})

test('afterWrite loses the answer, not the rows: the retry is dropped by its insertId', async () => {
  await createTable(bigquery, 'lost', [{ name: 'x', type: 'INT64' }])
  await bigquery.faults('POST', { table: 'd.lost', status: 503, afterWrite: true, times: 1 })
  const body = { rows: [{ insertId: 'a', json: { x: 1 } }] }
  expect((await insertAll(bigquery, 'lost', body)).code).toBe(503)
  expect((await insertAll(bigquery, 'lost', body)).code).toBe(200)
  expect(await rowsOf(bigquery, 'SELECT * FROM d.lost')).toHaveLength(1)
})

test.each([{}, { status: 200 }, { statuss: 503 }])('%j is no fault', async (fault) => {
  expect((await bigquery.faults('POST', fault)).code).toBe(400)
})
