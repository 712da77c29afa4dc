// Makes GoogleSQL's catalog of tables: each stands under the very path that a statement calls it by.

import type { FieldSchema } from '../values/resources.ts'
import { INTEGER_ALIASES } from '../values/types.ts'
import { declaredFunctions } from './functions.ts'
import { language } from './language.ts'
import { sqlTypeOf } from './types.ts'

type NamedTable = { readonly path: readonly string[]; readonly fields: readonly FieldSchema[] }

type SimpleCatalog = {
  readonly name: string
  readonly table: object[]
  readonly catalog: SimpleCatalog[]
}

/** The id of the n-th table in a resolved statement, counted from 0. */
export const tableId = (n: number) => String(n + 1)

/** The RegisterCatalogRequest for these tables and BigQuery's functions. */
export function catalogOf(tables: readonly NamedTable[]) {
  const root = emptyCatalog('bigquery')
  for (const [i, { path, fields }] of tables.entries()) {
    const name = path.at(-1) ?? ''
    const catalog = path.slice(0, -1).reduce(innerCatalog, root)
    catalog.table.push({ name, serialization_id: tableId(i), column: fields.map(columnOf) })
  }
  const builtin_function_options = { language_options: language }
  return {
    simple_catalog: {
      ...root,
      named_type: INTEGER_ALIASES.map((name) => ({ name, type: { type_kind: 'TYPE_INT64' } })),
      builtin_function_options,
      custom_function: declaredFunctions,
    },
  }
}

const emptyCatalog = (name: string): SimpleCatalog => ({ name, table: [], catalog: [] })

function innerCatalog({ catalog }: SimpleCatalog, name: string): SimpleCatalog {
  const found = catalog.find((inner) => inner.name === name)
  if (found) return found
  const made = emptyCatalog(name)
  catalog.push(made)
  return made
}

const columnOf = (field: FieldSchema) => ({
  name: field.name,
  type: sqlTypeOf(field),
  has_default_value: field.defaultValueExpression !== undefined,
})
