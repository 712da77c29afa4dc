// CSV for programs and for spreadsheets: the values come back, and none of them is run.

import { BigQuery } from '@google-cloud/bigquery'
import { expect, test } from '@jest/globals'
import { parse } from 'csv-parse/sync'
import fc from 'fast-check'
import { numberColumns, plainRow } from '#warehouse/plain'
import { csvOf } from '../../../../cli/output/csv.ts'
import { CANARIES, CANARY_TEXTS } from '../../../support/canaries.ts'
import { unsafeIn } from '../../../support/neutral.ts'

const read = (csv: string): Record<string, string>[] => parse(csv, { columns: true })
const FORMULA = /^\s*[=+\-@\t\r＝＋－＠﹢﹣﹦﹫]/

const text = fc
  .array(fc.oneof(fc.constantFrom(...CANARY_TEXTS), fc.string({ unit: 'binary' }), fc.string()))
  .map((parts) => parts.join(''))

test('no cell is a formula, and none holds what steers a terminal', () => {
  const property = fc.property(fc.array(fc.tuple(text, text), { minLength: 1 }), (rows) => {
    const csv = csvOf(rows.map(([a, b]) => ({ a, b })))
    const back = read(csv)
    expect(back).toHaveLength(rows.length)
    for (const { a = '', b = '' } of back)
      for (const cell of [a, b]) expect(cell).not.toMatch(FORMULA)
    expect(unsafeIn(csv)).toEqual([])
  })
  fc.assert(property, { numRuns: 200 })
})

test('every other value comes back as it was', () => {
  const harmless = fc.string({ unit: fc.constantFrom(...Array.from('aé日👍 ,;"\'\n|\\=+-@0')) })
  const cell = harmless.filter((value) => !FORMULA.test(value))
  const property = fc.property(fc.array(fc.tuple(cell, cell), { minLength: 1 }), (rows) => {
    const given = rows.map(([a, b]) => ({ a, b }))
    expect(read(csvOf(given))).toEqual(given)
  })
  fc.assert(property, { numRuns: 200 })
})

test.each(Object.entries(CANARIES))('%s is no formula', (_what, canary) => {
  const [row] = read(csvOf([{ [canary]: canary }]))
  expect(
    row &&
      Object.entries(row)
        .flat()
        .filter((cell) => FORMULA.test(cell)),
  ).toEqual([])
})

test('a formula gets an apostrophe, wherever it hides', () => {
  const texts = ['=1+1', '+1', '-1', '@x', '\uff1d1', ' =1', '\n=1', '\tx']
  const cells = read(csvOf(texts.map((a) => ({ a })))).map(({ a }) => a)
  expect(cells).toEqual(texts.map((one) => `'${one}`))
})

test('numbers stay numbers, by the type of their column', () => {
  const big = { toFixed: () => '-12345678901234567890.5' }
  const raw = [
    { int: -5, numeric: big, text: '-5', time: BigQuery.date('2026-01-01') },
    { int: null, numeric: null, text: null, time: null },
  ]
  const numbers = numberColumns(raw)
  expect([...numbers]).toEqual(['int', 'numeric'])
  expect(csvOf(raw.map(plainRow), { numbers })).toBe(
    "int,numeric,text,time\n-5,-12345678901234567890.5,'-5,2026-01-01\n,,,",
  )
})

test('the names of columns are cells, too', () => {
  expect(csvOf([{ '=1+1': 1, '\u001b': 2 }])).toBe("'=1+1,\\u001b\n1,2")
})

test('a line with one empty cell is no empty line, which readers skip', () => {
  expect(csvOf([{ a: '' }, { a: null }])).toBe('a\n""\n""')
})

test('blanks at the end, and a line with one empty cell, are kept', () => {
  expect(read(csvOf([{ a: 'x  ' }, { a: '' }, { a: 'y ' }]))).toEqual([
    { a: 'x  ' },
    { a: '' },
    { a: 'y ' },
  ])
})
