// Turns fields of the REST API into types of GoogleSQL, and back.

import { z } from 'zod'
import { notImplemented } from '../values/errors.ts'
import type { FieldSchema } from '../values/resources.ts'
import { canonicalType } from '../values/types.ts'

/** GoogleSQL's TypeProto, as far as BigQuery has its types. */
export type SqlType = {
  readonly type_kind: string
  readonly array_type?: { readonly element_type: SqlType } | undefined
  readonly struct_type?:
    | { readonly field?: readonly { readonly field_name: string; readonly field_type: SqlType }[] }
    | undefined
}

/** Reads a TypeProto. */
export const sqlType: z.ZodType<SqlType> = z.object({
  type_kind: z.string(),
  get array_type() {
    return z.object({ element_type: sqlType }).optional()
  },
  get struct_type() {
    return z
      .object({
        field: z
          .array(z.object({ field_name: z.string().default(''), field_type: sqlType }))
          .default([]),
      })
      .optional()
  },
})

// By the REST API's names, where they are others than GoogleSQL's.
const kinds: Readonly<Record<string, string>> = {
  INTEGER: 'TYPE_INT64',
  FLOAT: 'TYPE_DOUBLE',
  BOOLEAN: 'TYPE_BOOL',
}
const names: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries(kinds).map(([name, kind]) => [kind, name]),
)

/** The type of a column, with its mode. */
export function sqlTypeOf({ type, mode, fields = [] }: Omit<FieldSchema, 'name'>): SqlType {
  const canonical = canonicalType(type)
  const single = canonical === 'RECORD' ? structOf(fields) : scalarOf(canonical)
  return mode === 'REPEATED' ? arrayOf(single) : single
}

/** `ARRAY<element>`. */
export const arrayOf = (element: SqlType): SqlType => ({
  type_kind: 'TYPE_ARRAY',
  array_type: { element_type: element },
})

const structOf = (fields: readonly FieldSchema[]): SqlType => ({
  type_kind: 'TYPE_STRUCT',
  struct_type: {
    field: fields.map((field) => ({ field_name: field.name, field_type: sqlTypeOf(field) })),
  },
})

const scalarOf = (canonical: string): SqlType => ({
  type_kind: kinds[canonical] ?? `TYPE_${canonical}`,
})

/** The field of a column; 501 with the name of a type that no column can have here. */
export function fieldOf(name: string, type: SqlType, mode = 'NULLABLE'): FieldSchema {
  const element = type.array_type?.element_type
  if (element) return fieldOf(name, element, 'REPEATED')
  const { struct_type: struct, type_kind: kind } = type
  if (!struct) return { name, type: scalarName(kind, name), mode }
  const fields = (struct.field ?? []).map((field, i) =>
    fieldOf(field.field_name || `_field_${i + 1}`, field.field_type),
  )
  return { name, type: 'RECORD', mode, fields }
}

function scalarName(kind: string, column: string) {
  const name = names[kind] ?? kind.replace('TYPE_', '')
  if (UNSUPPORTED.has(name)) throw notImplemented(`a column of type ${name} (${column})`)
  return name
}

const UNSUPPORTED = new Set(['BIGNUMERIC', 'GEOGRAPHY', 'RANGE'])
