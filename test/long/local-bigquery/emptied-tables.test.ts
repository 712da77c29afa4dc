// A table whose rows were all replaced has nothing left of what was streamed into it: neither rows that DML must not
// touch, nor insertIds by which rows are dropped.

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals'
import { errorOf, makeFolder, rowsOf, type Started, start } from '../../support/local-bigquery.ts'

const { folder, remove } = makeFolder()
const file = (name: string, text: string) => {
  const path = join(folder, name)
  writeFileSync(path, text)
  return path
}
const good = file('good.json', '{"a": 10}\n')
const bad = file('bad.json', '{"a": "x"}\n')

let bigquery: Started
beforeAll(async () => {
  bigquery = await start()
  await bigquery.client.query('CREATE SCHEMA d')
})
afterAll(async () => {
  await bigquery.stop()
  remove()
})

const run = (query: string) => bigquery.client.query(query)
const table = () => bigquery.client.dataset('d').table('t')
const stream = () => table().insert([{ insertId: 'one', json: { a: 1 } }], { raw: true })
const rows = () => rowsOf(bigquery, 'SELECT a FROM d.t ORDER BY a')
const change = () => run('UPDATE d.t SET a = a + 1 WHERE TRUE')
const destination = (writeDisposition: string) => ({
  destination: table(),
  writeDisposition,
})

async function queryInto(writeDisposition: string) {
  const [job] = await bigquery.client.createQueryJob({
    query: 'SELECT 10 AS a',
    ...destination(writeDisposition),
  })
  await job.getQueryResults()
}

async function copyInto(writeDisposition: string) {
  await run('CREATE OR REPLACE TABLE d.other AS SELECT 10 AS a')
  await bigquery.client.dataset('d').table('other').copy(table(), { writeDisposition })
}

const load = (path: string, options: object) =>
  table().load(path, { sourceFormat: 'NEWLINE_DELIMITED_JSON', ...options })

beforeEach(async () => {
  await run('CREATE OR REPLACE TABLE d.t (a INT64)')
  await stream()
  await stream()
})

test('a row sent twice is there once, and DML must not touch it', async () => {
  expect(await rows()).toEqual([{ a: 1 }])
  expect(await errorOf(change())).toMatchObject({
    message: expect.stringMatching(/streaming buffer/),
  })
})

const schema = { fields: [{ name: 'a', type: 'INT64' }] }

test.each<[string, () => Promise<unknown>]>([
  ['a load job', () => load(good, { writeDisposition: 'WRITE_TRUNCATE' })],
  ['a load job with a schema', () => load(good, { writeDisposition: 'WRITE_TRUNCATE', schema })],
  ['a query job', () => queryInto('WRITE_TRUNCATE')],
  ['a copy job', () => copyInto('WRITE_TRUNCATE')],
  ['CREATE OR REPLACE TABLE', () => run('CREATE OR REPLACE TABLE d.t AS SELECT 10 AS a')],
  [
    'DROP TABLE',
    async () => {
      await run('DROP TABLE d.t')
      await run('CREATE TABLE d.t AS SELECT 10 AS a')
    },
  ],
  [
    'DROP SCHEMA',
    async () => {
      await run('DROP SCHEMA d CASCADE')
      await run('CREATE SCHEMA d')
      await run('CREATE TABLE d.t AS SELECT 10 AS a')
    },
  ],
])('%s that replaces the rows', async (_name, replace) => {
  await replace()
  await change()
  await stream()
  expect(await rows()).toEqual([{ a: 1 }, { a: 11 }])
})

test.each<[string, () => Promise<unknown>]>([
  ['a load job that appends', () => load(good, { writeDisposition: 'WRITE_APPEND' })],
  ['a query job that appends', () => queryInto('WRITE_APPEND')],
  ['a load job that fails', () => errorOf(load(bad, { writeDisposition: 'WRITE_TRUNCATE' }))],
  ['TRUNCATE TABLE, which is refused', () => errorOf(run('TRUNCATE TABLE d.t'))],
])('%s leaves what was streamed', async (_name, attempt) => {
  await attempt()
  await stream()
  expect(await errorOf(change())).toMatchObject({
    message: expect.stringMatching(/streaming buffer/),
  })
  expect((await rows()).filter(({ a }) => a === 1)).toEqual([{ a: 1 }])
})
