// Changes of a JSON value at a path. Numbers keep their digits, and the keys of an object their order, which is alphabetical.

import { parse, stringify } from 'lossless-json'

/** The steps of a JSONPath: keys and indexes. */
export type JsonSteps = readonly (string | number)[]

type Json = unknown
type JsonObject = Readonly<Record<string, Json>>

/** What becomes of the value at a path; undefined removes it. */
type Change = (value: Json) => Json

const isObject = (value: Json): value is JsonObject =>
  typeof value === 'object' &&
  value !== null &&
  !Array.isArray(value) &&
  !('isLosslessNumber' in value)

const changed = (json: string, steps: JsonSteps, change: Change, makes: boolean): string =>
  stringify(changedAt(parse(json), steps, change, makes)) ?? 'null'

/** @param makes whether a path that is not there is made, where only JSON nulls are in its way */
function changedAt(value: Json, steps: JsonSteps, change: Change, makes: boolean): Json {
  const [step, ...rest] = steps
  if (step === undefined) return change(value)
  const inner = (child: Json) => changedAt(child, rest, change, makes)
  const parent = makes && value === null ? (typeof step === 'number' ? [] : {}) : value
  if (typeof step === 'number') {
    if (!Array.isArray(parent) || (step >= parent.length && !makes)) return value
    return withItem(parent, step, inner)
  }
  if (!isObject(parent) || !(Object.hasOwn(parent, step) || makes)) return value
  return withField(parent, step, inner(parent[step] ?? null))
}

function withItem(items: readonly Json[], index: number, change: Change): Json[] {
  const missing = Array.from({ length: Math.max(0, index + 1 - items.length) }, () => null)
  const all = [...items, ...missing]
  return all.flatMap((item, i) => {
    const next = i === index ? change(item) : item
    return next === undefined ? [] : [next]
  })
}

function withField(object: JsonObject, key: string, value: Json): JsonObject {
  const { [key]: _, ...others } = object
  return value === undefined ? others : sorted({ ...others, [key]: value })
}

const sorted = (object: JsonObject): JsonObject =>
  Object.fromEntries(Object.entries(object).toSorted(([a], [b]) => (a < b ? -1 : 1)))

/** JSON_SET: writes the value at the path. */
export const setJson = (json: string, steps: JsonSteps, value: string, makes: boolean): string =>
  changed(json, steps, () => parse(value), makes)

/** JSON_REMOVE. */
export const removeJson = (json: string, steps: JsonSteps): string =>
  changed(json, steps, () => undefined, false)

/** JSON_ARRAY_APPEND of several values; a JSON null becomes an array of them. */
export const appendJson = (json: string, steps: JsonSteps, values: readonly string[]): string =>
  changed(json, steps, (at) => (isArrayOrNull(at) ? [...(at ?? []), ...parsed(values)] : at), false)

/** JSON_ARRAY_INSERT of several values; the last step is the index of the first of them. */
export function insertJson(json: string, steps: JsonSteps, values: readonly string[]): string {
  const index = steps.at(-1)
  if (typeof index !== 'number') return json
  const insert = (at: Json) => {
    if (!isArrayOrNull(at)) return at
    const items = at ?? []
    const missing = Array.from({ length: Math.max(0, index - items.length) }, () => null)
    return [...items, ...missing].toSpliced(index, 0, ...parsed(values))
  }
  return changed(json, steps.slice(0, -1), insert, false)
}

const parsed = (values: readonly string[]) => values.map((value): Json => parse(value))

const isArrayOrNull = (value: Json): value is readonly Json[] | null =>
  value === null || Array.isArray(value)

export type Stripping = {
  /** Nulls in arrays, too. */
  readonly ofArrays: boolean
  /** Objects and arrays that are empty then, too. */
  readonly empties: boolean
}

/** JSON_STRIP_NULLS; a value of which nothing is left is a JSON null. */
export function stripJson(json: string, steps: JsonSteps, stripping: Stripping): string {
  const strip = (value: Json) => {
    const left = stripped(value, stripping)
    return isKept(left, stripping) ? left : null
  }
  return changed(json, steps, strip, false)
}

/** The value without what is left out in it. */
function stripped(value: Json, stripping: Stripping): Json {
  if (Array.isArray(value)) {
    const items = value.map((item: Json) => stripped(item, stripping))
    return stripping.ofArrays ? items.filter((item) => isKept(item, stripping)) : items
  }
  if (!isObject(value)) return value
  const fields = Object.entries(value).map(([key, field]) => [key, stripped(field, stripping)])
  return Object.fromEntries(fields.filter(([, field]) => isKept(field, stripping)))
}

function isKept(value: Json, { empties }: Stripping): boolean {
  if (value === null || !empties) return value !== null
  if (Array.isArray(value)) return value.length > 0
  return !isObject(value) || Object.keys(value).length > 0
}
