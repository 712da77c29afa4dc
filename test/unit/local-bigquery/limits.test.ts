// Limits of the local BigQuery, to the day and to the byte: of partitions by streaming, of a page, and of the streaming buffer.

import { DuckDBDateValue, DuckDBTimestampTZValue } from '@duckdb/node-api'
import { expect, test } from '@jest/globals'
import { pageOf, readPage } from '../../../deploy/local/bigquery/api/pages.ts'
import type { Database } from '../../../deploy/local/bigquery/engine/database.ts'
import { createStreamingBuffer } from '../../../deploy/local/bigquery/engine/streaming-buffer.ts'
import { createPartitionCheck } from '../../../deploy/local/bigquery/values/partition-range.ts'
import type { Table } from '../../../deploy/local/bigquery/values/resources.ts'

const DAY_MS = 24 * 60 * 60 * 1000
const NOW = new Date('2026-11-28T23:59:59.999Z')
const TODAY = Date.parse('2026-11-28T00:00:00Z')

const table: Table = Object({
  tableReference: { projectId: 'p', datasetId: 'd', tableId: 't' },
  timePartitioning: { type: 'DAY', field: 'At' },
  schema: {
    fields: [
      { name: 'id', type: 'STRING' },
      { name: 'at', type: 'TIMESTAMP' },
    ],
  },
})

test.each([
  ['the first day, at its beginning', TODAY - 3_650 * DAY_MS, true],
  ['a millisecond earlier', TODAY - 3_650 * DAY_MS - 1, false],
  ['now', NOW.getTime(), true],
  ['the last day, at its end', TODAY + 367 * DAY_MS - 1, true],
  ['a millisecond later', TODAY + 367 * DAY_MS, false],
])('a row may be streamed into the partition of %s: %p', (_, time, isTaken) => {
  const check = createPartitionCheck(table, NOW)
  const days = Math.floor(time / DAY_MS)
  const cells = [new DuckDBTimestampTZValue(BigInt(time) * 1000n), new DuckDBDateValue(days)]
  for (const cell of cells) {
    expect(check(['x', cell])?.column).toBe(isTaken ? undefined : 'at')
  }
  expect(check(['x', null])).toBeUndefined()
})

const MB = 1024 * 1024

/** What the first page has of rows of these bytes. */
async function pageWith(...bytes: readonly number[]) {
  const rows = bytes.map((size) => ['x'.repeat(size)])
  const database: Database = Object({ read: async () => ({ getRows: () => rows }) })
  const source = { table: 't', fields: [{ name: 'a', type: 'STRING' }], totalRows: rows.length }
  const { rows: page, ...rest } = await readPage(database, Object(source), {
    offset: 0,
    maxResults: undefined,
    format: 'FLOAT64',
  })
  return [page.length, rest]
}

test.each([
  ['all rows that fit', [4 * MB, 4 * MB], [2, {}]],
  ['no row that does not fit', [4 * MB, 4 * MB, 4 * MB], [2, { pageToken: '2' }]],
  ['one row, however large', [11 * MB, 1], [1, { pageToken: '1' }]],
  ['a large row as the last one', [1, 11 * MB], [1, { pageToken: '1' }]],
  ['no rows', [], [0, {}]],
])('a page has %s', async (_, bytes, expected) => {
  expect(await pageWith(...bytes)).toEqual(expected)
})

test.each([
  ['', { offset: 0, maxResults: undefined, format: 'FLOAT64' }],
  ['maxResults=0', { maxResults: 0 }],
  ['startIndex=5&maxResults=2', { offset: 5, maxResults: 2 }],
  ['startIndex=5&pageToken=7', { offset: 7 }],
  ['formatOptions.useInt64Timestamp=True', { format: 'INT64' }],
  ['formatOptions.useInt64Timestamp=false', { format: 'FLOAT64' }],
  ['formatOptions.timestampOutputFormat=ISO8601_STRING', { format: 'ISO8601_STRING' }],
])('the query %j asks for a page', (query, page) => {
  expect(pageOf(new URLSearchParams(query))).toMatchObject(page)
})

test.each(['pageToken=x', 'pageToken=-1', 'startIndex=1.5', 'maxResults=-1', 'maxResults=many'])(
  'the query %j is refused',
  (query) => {
    expect(() => pageOf(new URLSearchParams(query))).toThrow('Invalid value')
  },
)

test('for half an hour after streaming into a table, its rows cannot be changed', () => {
  let now = 0
  const buffer = createStreamingBuffer(() => now)
  const t = { projectId: 'p', datasetId: 'd', tableId: 't' }
  const isRefused = (tableId = 't') => {
    try {
      buffer.refuse({ ...t, tableId })
      return false
    } catch {
      return true
    }
  }
  expect(isRefused()).toBe(false)
  buffer.add('d.t')
  now = 30 * 60_000 - 1
  expect([isRefused(), isRefused('other')]).toEqual([true, false])
  now += 1
  expect(isRefused()).toBe(false)
  for (const end of [() => buffer.forget('d.t'), () => buffer.flush()]) {
    buffer.add('d.t')
    expect(isRefused()).toBe(true)
    end()
    expect(isRefused()).toBe(false)
  }
})
