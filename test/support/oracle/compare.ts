// Compares what the local BigQuery answered with what the reference answered.

import { z } from 'zod'
import type { FieldSchema } from '../../../deploy/local/bigquery/values/resources.ts'
import type { Answer, Failure, Rows } from './answer.ts'
import { contentOf, contentsOf } from './cells.ts'

/**
 * `rows`: both answer the same `count` rows. `error`: both refuse. `refused`: the local BigQuery names what
 * it does not support. `unjudged`: the reference does not have what BigQuery has. `different`:
 * everything else, an error in the engine's words above all.
 */
export type Verdict =
  | { readonly kind: 'rows'; readonly count: number }
  | { readonly kind: 'error'; readonly what: string }
  | { readonly kind: 'refused'; readonly what: string }
  | { readonly kind: 'unjudged'; readonly what: string }
  | { readonly kind: 'different'; readonly how: string }

const different = (how: string): Verdict => ({ kind: 'different', how })

const engineWords =
  /(?:Binder|Parser|Catalog|Conversion|Constraint|Dependency|Invalid Input|Out of Range|Not implemented) Error|\bbqx?_\w+|\bLINE \d|Macro|DuckDB/i

const referenceLacks =
  /has no evaluator|Unsupported built-in function|arrays with more than 16000|reference implementation|U_FILE_ACCESS_ERROR/i

/** The verdict of an answer that names what the local BigQuery does not support, which no reference changes. */
export function refusalIn(local: Answer): Verdict | undefined {
  if (!('error' in local)) return undefined
  const what = /^The local BigQuery does not support (.*)\.$/s.exec(local.error)?.[1]
  return what === undefined ? undefined : { kind: 'refused', what }
}

/** Rows count in their order where `ordered`, and in any order else. */
export function compare(local: Answer, reference: Answer, ordered: boolean): Verdict {
  if ('error' in local) return compareError(local, reference)
  if ('error' in reference) return compareRows(reference)
  const fields = [typesOf(local.fields), typesOf(reference.fields)]
  if (fields[0] !== fields[1]) return different(`the columns ${fields[0]} instead of ${fields[1]}`)
  const difference = firstDifference(valuesOf(local, ordered), valuesOf(reference, ordered))
  return difference === undefined
    ? { kind: 'rows', count: local.rows.length }
    : different(difference)
}

function compareError(local: Failure, reference: Answer): Verdict {
  if (engineWords.test(local.error)) return different(`the engine's words "${local.error}"`)
  if ('error' in reference) return { kind: 'error', what: reference.error }
  return different(`the error "${local.error}" instead of rows`)
}

const compareRows = ({ error }: Failure): Verdict =>
  referenceLacks.test(error)
    ? { kind: 'unjudged', what: error }
    : different(`rows instead of the error "${error}"`)

const typesOf = (fields: readonly FieldSchema[]): string =>
  fields.map(({ name, ...type }) => `${name} ${typeOf(type)}`).join(', ')

function typeOf({ type, mode, fields = [] }: Omit<FieldSchema, 'name'>) {
  const single = type === 'RECORD' ? `STRUCT<${typesOf(fields)}>` : type
  return mode === 'REPEATED' ? `ARRAY<${single}>` : single
}

type Value = string | number | null | readonly Value[]

function valuesOf({ fields, rows }: Rows, ordered: boolean): readonly (readonly Value[])[] {
  const values = rows.map((row) => rowValues(fields, row))
  return ordered ? values : values.toSorted((a, b) => (sortKey(a) < sortKey(b) ? -1 : 1))
}

// Floats that differ in their last digits stand at the same place.
const sortKey = (row: readonly Value[]) =>
  JSON.stringify(row, (_, value: unknown) =>
    typeof value === 'number' ? value.toPrecision(9) : value,
  )

const rowValues = (fields: readonly FieldSchema[], row: unknown): Value[] => {
  const cells = contentsOf(row)
  return fields.map((field, i) => valueOf(field, cells[i]))
}

function valueOf(field: FieldSchema, value: unknown): Value {
  const { type, mode, fields = [] } = field
  if (mode === 'REPEATED')
    return Array.isArray(value)
      ? value.map((each) => valueOf({ ...field, mode: 'NULLABLE' }, contentOf(each)))
      : []
  if (value === null || value === undefined) return null
  if (type === 'RECORD') return rowValues(fields, value)
  return type === 'FLOAT' ? Number(value) : z.string().parse(value)
}

function firstDifference(
  local: readonly (readonly Value[])[],
  right: readonly (readonly Value[])[],
) {
  if (local.length !== right.length) return `${local.length} rows instead of ${right.length}`
  const row = local.findIndex((values, i) => !isSame(values, right[i]))
  if (row < 0) return undefined
  const column = (local[row] ?? []).findIndex((value, i) => !isSame(value, right[row]?.[i]))
  const [is, should] = [local[row]?.[column], right[row]?.[column]].map((value) => shown(value))
  return `${is} instead of ${should} in row ${row + 1}, column ${column + 1}`
}

const shown = (value: unknown) =>
  typeof value === 'number' ? String(value) : JSON.stringify(value)

function isSame(a: unknown, b: unknown): boolean {
  if (Array.isArray(a) && Array.isArray(b))
    return a.length === b.length && a.every((each, i) => isSame(each, b[i]))
  return typeof a === 'number' && typeof b === 'number' ? isSameFloat(a, b) : a === b
}

const tolerance = 1e-12

function isSameFloat(a: number, b: number) {
  if (Object.is(a, b) || a === b) return true
  return Math.abs(a - b) <= tolerance * Math.max(Math.abs(a), Math.abs(b))
}
