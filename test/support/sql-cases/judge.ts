// Judges what the local BigQuery answered to a query of test/fixtures/sql-cases.json.

import { readFileSync } from 'node:fs'
import { z } from 'zod'

export type Row = Readonly<Record<string, unknown>>
/** A statement's rows, with dates and numbers made plain, or what it was refused with. */
export type Answer =
  | { readonly rows: readonly Row[] }
  | { readonly reason: string; readonly message: string }

/**
 * `right`: BigQuery's answer, or its refusal. `refused`: the answer names what the local BigQuery
 * does not support. `wrong`: everything else, the engine's own words above all.
 */
export type Verdict = 'right' | 'refused' | 'wrong'

const row = z.record(z.string(), z.unknown())

/** The queries, with the rows that are right or a phrase about them. */
export const sqlCases = z
  .array(
    z.object({ id: z.string(), sql: z.string(), expected: z.union([z.string(), z.array(row)]) }),
  )
  .parse(JSON.parse(readFileSync('test/fixtures/sql-cases.json', 'utf8')))

const engineWords =
  /(?:Binder|Parser|Catalog|Conversion|Constraint|Dependency|Invalid Input|Out of Range|Not implemented) Error|\bbqx?_\w+|\bLINE \d|Macro|DuckDB/i

/** The verdict on the answer to the case `id`. */
export function judge(id: string, expected: string | readonly Row[], answer: Answer): Verdict {
  if ('rows' in answer) return answersAs(id, expected, answer.rows) ? 'right' : 'wrong'
  if (engineWords.test(answer.message)) return 'wrong'
  if (answer.reason === 'notImplemented') return 'refused'
  return typeof expected === 'string' && isRefusedAs(id, expected, answer.message)
    ? 'right'
    : 'wrong'
}

function isRefusedAs(id: string, expected: string, message: string) {
  if (id.startsWith('Q123 ')) return /cannot be literal NULL|No matching signature/.test(message)
  if (id.startsWith('Q98 ')) return message.startsWith('Required field publish_time')
  if (/streaming buffer/.test(expected)) return /streaming buffer/.test(message)
  const [, phrase] = /error:? ?([^(;]*)/.exec(expected) ?? []
  const words = phrase?.toLowerCase().match(/\w+/g) ?? []
  return phrase !== undefined && words.every((word) => message.toLowerCase().includes(word))
}

function answersAs(id: string, expected: string | readonly Row[], rows: readonly Row[]) {
  const check = byHand[id.split(' ')[0] ?? '']
  if (check) return check(rows)
  if (typeof expected !== 'string') return isSame(expected, rows)
  if (/^(?:syntax )?error/.test(expected)) return false
  const count = /^(\d+) rows?/.exec(expected)?.[1]
  if (count !== undefined) return rows.length === Number(count)
  if (/^a (?:count|number)/.test(expected)) return typeof onlyValue(rows) === 'number'
  if (/^values?\b/.test(expected)) return rows.length === 1
  return /^(?:done|refused: streaming buffer, or done)/.test(expected)
    ? rows.length === 0
    : rows.length > 0
}

function onlyValue(rows: readonly Row[]) {
  const values = rows.map((each) => Object.values(each))
  const [value] = values[0] ?? []
  return values.length === 1 && value !== null ? Number(value) : undefined
}

const columnsOf = (rows: readonly Row[]) => Object.keys(rows[0] ?? {}).join(' ')
const valuesOf = (rows: readonly Row[]) =>
  Object.values(rows[0] ?? {})
    .map(String)
    .join(' ')

// What a phrase such as "a = city" means for the rows of test/support/sql-cases/tables.ts.
const byHand: Readonly<Record<string, (rows: readonly Row[]) => boolean>> = {
  Q09b: (rows) => /^(?:a,b|b,a)$/.test(valuesOf(rows)),
  Q11b: (rows) => columnsOf(rows) === 'partner_id SUV limo',
  Q12b: (rows) => valuesOf(rows) === 'Berlin "Berlin"',
  // BigQuery documents, and GoogleSQL's own code answers, that a NUMERIC with decimals is a text there.
  Q13b: (rows) => valuesOf(rows).includes('"n":"1.5"'),
  Q14: (rows) =>
    isSame(rows, [
      { t: 'cancellation', n: 2 },
      { t: 'purchase', n: 4 },
    ]),
  Q28: (rows) => rows.length === 1 && !('email' in (rows[0] ?? {})),
  Q31f: (rows) => rows.some((each) => each['partner_id'] === 'dealer-1' && each['n'] === 5),
  Q40b: (rows) => valuesOf(rows) === 'b',
  Q49: (rows) => valuesOf(rows) === '2026-11',
  Q57: (rows) => valuesOf(rows) === '47 47',
  Q58: (rows) => valuesOf(rows) === '1 1',
  Q60: (rows) => valuesOf(rows) === '2 y',
  Q79c: (rows) => valuesOf(rows) === '{"a":1,"b":"x"}',
  Q80c: (rows) => /^[123],[123],[123]$/.test(valuesOf(rows)),
  Q81: (rows) => columnsOf(rows) === 'partner_id n_EUR total_EUR n_dollars total_dollars',
  Q83: (rows) => rows.length === 1 && rows[0]?.['currency'] === null,
  Q111b: (rows) => rows.length === 3,
  Q111d: (rows) => valuesOf(rows) === '2',
  Q112b: (rows) => valuesOf(rows) === '1 1 -1 0',
  Q123: (rows) => rows[0]?.['c'] === 'a1' && rows[0]['b'] === null,
  Q138: (rows) => valuesOf(rows) === 'Infinity Infinity',
}

function isSame(expected: unknown, actual: unknown): boolean {
  if (Array.isArray(expected) && Array.isArray(actual))
    return expected.length === actual.length && expected.every((each, i) => isSame(each, actual[i]))
  if (typeof expected === 'object' && expected !== null)
    return isSame(Object.entries(expected), Object.entries(actual ?? {}))
  // NUMERIC is exact, and so a text.
  return expected === actual || (typeof expected === 'number' && Number(actual) === expected)
}
