// Rows in binary: whatever a column takes comes out again by the schema that goes along, and nothing else goes in.

import { protos } from '@google-cloud/bigquery-storage'
import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { type Column, TABLES, type Table } from '#contracts'
import { toDescriptor } from '#warehouse/storage-write/descriptor'
import { createRowEncoder, UnencodableValueError } from '#warehouse/storage-write/row-encoder'
import type { Row, Value } from '#warehouse/warehouse'
import { rowDecoder } from '../../../support/storage-write/proto-rows.ts'

const { DescriptorProto } = protos.google.protobuf

/** The schema as BigQuery gets it: over the wire. */
const sent = (table: Table) =>
  DescriptorProto.decode(
    DescriptorProto.encode(DescriptorProto.fromObject(toDescriptor(table))).finish(),
  )

const micros = (value: Value) => {
  const [seconds = '', fraction = ''] = String(value).replace('Z', '').split('.')
  const whole = BigInt(Date.parse(`${seconds}Z`)) * 1000n
  return String(whole + BigInt(fraction.slice(0, 6).padEnd(6, '0')))
}

/** What the decoder makes of a value that was sent. */
function received({ type, mode }: Column, value: Value): unknown {
  if (mode === 'REPEATED') return value
  if (type === 'TIMESTAMP') return micros(value)
  if (type === 'INTEGER') return String(value)
  return value instanceof Uint8Array ? Buffer.from(value).toString('base64') : value
}

const text = fc.string({ unit: 'binary' })
const timestamp = fc
  .tuple(
    fc.date({ min: new Date('1685-01-01'), max: new Date('2254-12-31'), noInvalidDate: true }),
    fc.option(fc.stringMatching(/^\d{1,9}$/), { nil: null }),
  )
  .map(([date, digits]) => `${date.toISOString().slice(0, 19)}${digits ? `.${digits}` : ''}Z`)
const VALUES: Readonly<Record<Column['type'], fc.Arbitrary<Value>>> = {
  STRING: text,
  NUMERIC: fc.stringMatching(/^\d{1,29}(\.\d{1,9})?$/),
  JSON: fc.json(),
  BYTES: fc.uint8Array(),
  INTEGER: fc.maxSafeInteger(),
  BOOLEAN: fc.boolean(),
  TIMESTAMP: timestamp,
}

function anyValue({ type, mode }: Column): fc.Arbitrary<Value> {
  if (mode === 'REPEATED') return fc.array(text, { minLength: 1 })
  return mode === 'REQUIRED' ? VALUES[type] : fc.option(VALUES[type])
}
const anyRow = ({ columns }: Table): fc.Arbitrary<Row['columns']> =>
  fc.record(Object.fromEntries(columns.map((column) => [column.name, anyValue(column)])))

test.each(TABLES.map((table) => [table.name, table] as const))(
  'whatever a row of %s holds comes out again, and nulls are left out',
  (_name, table) => {
    const encode = createRowEncoder(table)
    const decode = rowDecoder(sent(table))
    fc.assert(
      fc.property(anyRow(table), (row) => {
        const expected = table.columns.flatMap((column) => {
          const value = row[column.name] ?? null
          return value === null ? [] : [[column.name, received(column, value)]]
        })
        expect(decode(encode(row))).toEqual(Object.fromEntries(expected))
      }),
      { numRuns: 50 },
    )
  },
)

test.each(TABLES.map((table) => [table.name, table] as const))(
  'the schema of %s has a field for each column, and no two alike',
  (_name, table) => {
    const fields = sent(table).field
    expect(fields.map(({ name }) => name)).toEqual(table.columns.map(({ name }) => name))
    expect(new Set(fields.map(({ number }) => number)).size).toBe(table.columns.length)
  },
)

const column = (name: string, type: Column['type'], mode: Column['mode'] = 'NULLABLE'): Column => ({
  name,
  type,
  mode,
  description: '',
})
const table: Table = {
  name: 'audit_log',
  description: '',
  partitionBy: 'at',
  clusterBy: [],
  columns: [
    column('id', 'STRING', 'REQUIRED'),
    column('at', 'TIMESTAMP'),
    column('count', 'INTEGER'),
    column('data', 'BYTES'),
    column('tags', 'STRING', 'REPEATED'),
  ],
}
const encode = createRowEncoder(table)
const roundTrip = (columns: Row['columns']) => rowDecoder(sent(table))(encode(columns))

describe('a moment', () => {
  test.each([
    ['1970-01-01T00:00:00Z', '0'],
    ['1969-12-31T23:59:59.999999Z', '-1'],
    ['2024-02-29T12:00:00.5Z', '1709208000500000'],
    ['2025-11-01T19:32:00.1234569Z', '1762025520123456'],
    ['1685-01-01T00:00:00Z', '-8993635200000000'],
    ['2254-12-31T23:59:59.999999Z', '8993721599999999'],
  ])('%s is %s microseconds', (at, expected) => {
    expect(roundTrip({ id: 'a', at })).toEqual({ id: 'a', at: expected })
  })

  test.each([
    '',
    'yesterday',
    '2025-11-01',
    '2025-11-01T19:32:00',
    '2025-11-01T19:32:00+01:00',
    '2025-02-29T00:00:00Z',
    '2025-13-01T00:00:00Z',
    '2025-04-31T00:00:00Z',
    '2025-11-01T24:00:00Z',
    '2025-11-01T19:32:60Z',
    '0000-01-01T00:00:00Z',
    '1684-01-01T00:00:00Z',
    '2256-01-01T00:00:00Z',
  ])('is never %j', (at) => {
    expect(() => encode({ id: 'a', at })).toThrow(new UnencodableValueError('at'))
  })
})

test.each<[string, string, Value]>([
  ['a required column left out', 'id', null],
  ['a number for text', 'id', 7],
  ['a fraction', 'count', 1.5],
  ['a number that is not exact', 'count', 2 ** 53],
  ['text for bytes', 'data', 'abc'],
  ['text for a list', 'tags', 'abc'],
])('%s is refused by the name of the column', (_what, name, value) => {
  expect(() => encode({ id: 'a', [name]: value })).toThrow(new UnencodableValueError(name))
})

test('a row after a refused one has nothing of it', () => {
  const refused = { id: 'refused', tags: ['of the refused row'], count: 1.5 }
  expect(() => encode(refused)).toThrow(UnencodableValueError)
  expect(roundTrip({ id: 'next' })).toEqual({ id: 'next' })
})

test('rows keep their bytes while others are written, however large those are', () => {
  const ids = Array.from({ length: 40 }, (_, i) => 'x'.repeat(i * 5_000))
  const rows = ids.map((id) => encode({ id }))
  expect(rows.map(rowDecoder(sent(table)))).toEqual(ids.map((id) => ({ id })))
})

test('a column the table does not have is refused, since its value would be lost', () => {
  expect(() => encode({ id: 'a', colour: 'blue' })).toThrow('audit_log has no column colour')
})

test('text with half a character in it arrives as UTF-8, the half replaced', () => {
  expect(roundTrip({ id: 'a\ud800b', tags: ['\udc00'] })).toEqual({
    id: 'a\ufffdb',
    tags: ['\ufffd'],
  })
})
