// Gives a translated query the columns that GoogleSQL says it has.

import { invalidQuery, notImplemented } from '../values/errors.ts'
import { quoteName } from '../values/names.ts'
import type { FieldSchema } from '../values/resources.ts'
import { columnSql } from '../values/types.ts'

type Result = { readonly fields: readonly FieldSchema[]; readonly sql: string }

/**
 * The columns of a query's result, and its translation with those names and types. `wanted` is what
 * GoogleSQL says, undefined where it was not asked; `found` is what the translation gives. A column
 * of another type is cast; 501 with the column's name where a cast would hide a wrong value.
 */
export function resultOf(
  wanted: readonly FieldSchema[] | undefined,
  found: readonly FieldSchema[],
  sql: string,
): Result {
  if (wanted === undefined) return { fields: found, sql }
  const [only] = found
  if (found.length === 1 && only?.type === 'RECORD' && isSplit(wanted, only))
    return resultOf(
      wanted,
      only.fields ?? [],
      `SELECT UNNEST(value) FROM (${sql}) AS result(value)`,
    )
  if (wanted.length !== found.length) throw notImplemented('a query with these columns')
  const isRight = (field: FieldSchema, i: number) =>
    isNamedAs(field, found[i]) && isTypedAs(field, found[i])
  return { fields: wanted, sql: wanted.every(isRight) ? sql : withColumns(wanted, found, sql) }
}

// SELECT AS STRUCT gives one value, whose fields are the columns.
const isSplit = (wanted: readonly FieldSchema[], { name, fields = [] }: FieldSchema) =>
  wanted.length === fields.length && (wanted.length > 1 || wanted[0]?.name !== name)

function withColumns(wanted: readonly FieldSchema[], found: readonly FieldSchema[], sql: string) {
  const inner = wanted.map((_, i) => quoteName(`column_${i}`))
  const columns = wanted.map((field, i) => {
    const value = isTypedAs(field, found[i]) ? inner[i] : castOf(inner[i] ?? '', field, found[i])
    return `${value} AS ${quoteName(field.name)}`
  })
  return `SELECT ${columns.join(', ')} FROM (${sql}) AS result(${inner.join(', ')})`
}

function castOf(value: string, wanted: FieldSchema, found: FieldSchema | undefined) {
  // A date has lost the time of day that the value must have.
  const isLossy = found?.type === 'DATE' && /^(?:TIMESTAMP|DATETIME)$/.test(wanted.type)
  const isOtherShape = found?.mode !== wanted.mode || isRecord(wanted) || isRecord(found)
  if (isLossy || isOtherShape)
    throw notImplemented(
      `the ${wanted.type} ${wanted.name} of this query: it would be a ${found?.type}`,
    )
  return `CAST(${value} AS ${columnSql(wanted)})`
}

const isRecord = (field: FieldSchema | undefined) => field?.type === 'RECORD'

const isNamedAs = (wanted: FieldSchema, found: FieldSchema | undefined) =>
  wanted.name.toLowerCase() === found?.name.toLowerCase()

// The fields of a RECORD are read by position.
function isTypedAs(wanted: FieldSchema, found: FieldSchema | undefined): boolean {
  const [inner, foundInner] = [wanted.fields ?? [], found?.fields ?? []]
  return (
    wanted.type === found?.type &&
    wanted.mode === found.mode &&
    inner.length === foundInner.length &&
    inner.every((field, i) => isTypedAs(field, foundInner[i]) || isScalarPair(field, foundInner[i]))
  )
}

const isScalarPair = (wanted: FieldSchema, found: FieldSchema | undefined) =>
  wanted.mode === found?.mode && !isRecord(wanted) && !isRecord(found)

/** Throws 400 `invalidQuery` if two columns of a result have the same name. */
export function refuseRepeatedNames(names: readonly string[]) {
  const lower = names.map((name) => name.toLowerCase())
  const repeated = lower.find((name, i) => lower.indexOf(name) !== i)
  if (repeated)
    throw invalidQuery(
      `Duplicate column names in the result are not supported. Found duplicate(s): ${repeated}`,
    )
}
