// A table aligns on a terminal whatever its cells hold, and each row is one line.

import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import stringWidth from 'string-width'
import { render } from '../../../../cli/output/tables.ts'
import { CANARIES, CANARY_TEXTS } from '../../../support/canaries.ts'
import { unsafeIn } from '../../../support/neutral.ts'

const widthsOf = (table: string) => new Set(table.split('\n').map((line) => stringWidth(line)))

test('a table has the form it always had', () => {
  const table = render(
    [
      { id: 'a', events: 1 },
      { id: 'bc', events: 20 },
    ],
    'table',
  )
  expect(`\n${table}\n`).toBe(`
┌────┬────────┐
│ id │ events │
├────┼────────┤
│ a  │      1 │
│ bc │     20 │
└────┴────────┘
`)
})

test('rows align, of wide characters, emoji and marks, too', () => {
  const wide = ['日本語', '👍', '🫠', '🛞🛞', 'ภาษาไทยกำลัง', 'שָׁלוֹם', 'e\u0301', '🇩🇪', 'ﷺ']
  const table = render(
    wide.map((name) => ({ name, after: 1 })),
    'table',
  )
  expect([...widthsOf(table)]).toHaveLength(1)
})

const text = fc
  .array(fc.oneof(fc.constantFrom(...CANARY_TEXTS), fc.string({ unit: 'grapheme' }), fc.string()))
  .map((parts) => parts.join(''))

test('no cell and no name of a column breaks out of its row', () => {
  const rows = fc.array(fc.tuple(text, text), { minLength: 1, maxLength: 5 })
  const property = fc.property(text, rows, (name, given) => {
    const table = render(
      given.map(([a, b]) => ({ [`a${name}`]: a, b })),
      'table',
    )
    expect(table.split('\n')).toHaveLength(given.length + 4)
    expect([...widthsOf(table)]).toHaveLength(1)
    expect(unsafeIn(table)).toEqual([])
  })
  fc.assert(property, { numRuns: 200 })
})

test.each(Object.entries(CANARIES))('%s stays in its cell', (_what, canary) => {
  const table = render([{ canary, after: 'x' }], 'table')
  expect(table.split('\n')).toHaveLength(5)
  expect(unsafeIn(table)).toEqual([])
})

test.each([
  ['long', 'x'.repeat(1_000_000)],
  ['of wide characters', '日'.repeat(60)],
  ['of emoji that must not be cut in two', '👍🏽'.repeat(60)],
  ['a pile of marks', `a${'\u0301'.repeat(1_000_000)}`],
])('a cell that is %s is cut, and says so', (_what, cell) => {
  const line = render([{ cell }], 'table').split('\n')[3] ?? ''
  expect(stringWidth(line)).toBeLessThanOrEqual(52)
  expect(line).toMatch(/… ?│$|… │$/)
  expect(unsafeIn(line)).toEqual([])
})

test('JSON has every value as it is', () => {
  const rows = CANARY_TEXTS.map((canary) => ({ [canary]: canary }))
  expect(JSON.parse(render(rows, 'json'))).toEqual(rows)
})
