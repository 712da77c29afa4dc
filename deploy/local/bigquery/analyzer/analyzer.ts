// GoogleSQL's analyzer: what a statement is about, and the columns it results in, or why it is refused.

import { z } from 'zod'
import type { FieldSchema } from '../values/resources.ts'
import { catalogOf, tableId } from './catalog.ts'
import { language } from './language.ts'
import type { Call } from './messages.ts'
import { ServiceRefusal } from './module.ts'
import { allowedOptions } from './options.ts'
import { type SqlType, sqlType } from './types.ts'

/** A table or view under the name that a statement calls it by. */
export type NamedTable = {
  readonly path: readonly string[]
  readonly fields: readonly FieldSchema[]
}

/** A query parameter; a positional one has no name. */
export type Parameter = { readonly name: string | undefined; readonly type: SqlType }

export type Context = {
  readonly tables: readonly NamedTable[]
  /** Tables that later statements may name: telling them early saves time then. */
  readonly others?: readonly NamedTable[]
  readonly parameters: readonly Parameter[]
}

export type Analysis = {
  /** The columns of a query's result, in order; `name` is undefined where the query gives none. */
  readonly columns: readonly { readonly name: string | undefined; readonly type: SqlType }[]
  /** The AnyResolvedStatementProto, as a plain object. */
  readonly resolved: unknown
  /** The paths of the tables of the catalog, by their ids in the resolved statement. */
  readonly paths: ReadonlyMap<string, readonly string[]>
}

/** What is wrong with a statement, in GoogleSQL's words, and where: both count from 1. */
export type Refusal = { readonly error: string; readonly line: number; readonly column: number }

export type Analyzer = {
  /** The paths of all tables and views that a statement names, without those that it defines itself. */
  tableNames(sql: string): readonly (readonly string[])[] | Refusal
  /** Resolves one statement, whose `tables` are all that `tableNames` gives. */
  analyze(sql: string, context: Context): Analysis | Refusal
}

/** The statement is so deep or long that the analyzer cannot hold it. */
export class TooComplexError extends Error {
  override readonly name = 'TooComplexError'
}

const options = {
  language_options: language,
  default_timezone: 'UTC',
  error_message_mode: 'ERROR_MESSAGE_ONE_LINE',
  prune_unused_columns: true,
  allowed_hints_and_options: allowedOptions,
  // The columns by which a table may be partitioned that has no column for it.
  ddl_pseudo_columns: [
    { name: '_PARTITIONTIME', type: { type_kind: 'TYPE_TIMESTAMP' } },
    { name: '_PARTITIONDATE', type: { type_kind: 'TYPE_DATE' } },
  ],
  // The analyzer writes these forms as others, which are translated.
  enabled_rewrites: [
    'FLATTEN',
    'ARRAY_FILTER_TRANSFORM',
    'UNPIVOT',
    'ARRAY_INCLUDES',
    'TYPEOF_FUNCTION',
    'NULLIFERROR_FUNCTION',
    'BUILTIN_FUNCTION_INLINER',
    'PIPE_ASSERT',
    'PIPE_IF',
    'GENERALIZED_QUERY_STMT',
    'IS_FIRST_IS_LAST_FUNCTION',
  ].map((name) => `REWRITE_${name}`),
}

/** `start` starts the module; it is called again where a statement has exhausted the module's stack. */
export function createAnalyzer(start: () => Call): Analyzer {
  let service = { call: start(), catalog: createRegistry() }
  const attempt = <T>(work: (call: Call, catalog: Registry) => T): T | Refusal => {
    try {
      return work(service.call, service.catalog)
    } catch (error) {
      if (error instanceof ServiceRefusal) return refusalOf(error)
      service = { call: start(), catalog: createRegistry() }
      throw new TooComplexError(String(error), { cause: error })
    }
  }
  return {
    tableNames: (sql) =>
      attempt((call) => {
        const request = { sql_statement: sql, options: language }
        const names = tableNames.parse(call('ExtractTableNamesFromStatement', request))
        return names.table_name.map((name) => name.table_name_segment)
      }),
    analyze: (sql, { tables, others = [], parameters }) =>
      attempt((call, catalog) => {
        const registered_catalog_id = catalog.register(call, tables, others)
        const analyzer = { ...options, ...parameterOptions(parameters) }
        const request = { sql_statement: sql, registered_catalog_id, options: analyzer }
        return analysisOf(call('Analyze', request), catalog.paths())
      }),
  }
}

/** Whether the analyzer refused. */
export const isRefusal = (result: object): result is Refusal => 'error' in result

const tableNames = z.object({
  table_name: z.array(z.object({ table_name_segment: z.array(z.string()) })).default([]),
})

const parameterOptions = (parameters: readonly Parameter[]) =>
  parameters.some(({ name }) => name === undefined)
    ? {
        parameter_mode: 'PARAMETER_POSITIONAL',
        positional_query_parameters: parameters.map(({ type }) => type),
      }
    : { query_parameters: parameters.map(({ name, type }) => ({ name, type })) }

const analyzed = z.object({
  resolved_statement: z.looseObject({
    resolved_query_stmt_node: z
      .looseObject({
        output_column_list: z.array(
          z.looseObject({ name: z.string(), column: z.looseObject({ type: sqlType }) }),
        ),
        is_value_table: z.boolean().default(false),
      })
      .optional(),
  }),
})

function analysisOf(response: unknown, paths: Analysis['paths']): Analysis {
  const { resolved_statement: resolved } = analyzed.parse(response)
  const { output_column_list: output = [], is_value_table: isValueTable = false } =
    resolved.resolved_query_stmt_node ?? {}
  const columns = output.map(({ name, column }) => ({ name: nameOf(name), type: column.type }))
  return { columns: isValueTable ? columns.flatMap(fieldsOf) : columns, resolved, paths }
}

// GoogleSQL calls a column without a name `$col1`.
const nameOf = (name: string) => (name.startsWith('$') ? undefined : name)

// SELECT AS STRUCT: the fields of the one value are the columns.
const fieldsOf = (column: Analysis['columns'][number]) =>
  column.type.struct_type?.field?.map(({ field_name, field_type }) => ({
    name: field_name || undefined,
    type: field_type,
  })) ?? [column]

function refusalOf({ message }: ServiceRefusal): Refusal {
  const [, error = message, line = 1, column = 1] = /^(.*) \[at (\d+):(\d+)\]$/s.exec(message) ?? []
  return { error, line: Number(line), column: Number(column) }
}

type Registry = ReturnType<typeof createRegistry>

// Registering a catalog takes many times as long as analyzing a statement, because the built-in
// functions are made anew: one catalog keeps every table it was told of, until one of a statement's
// own tables is new or has changed.
function createRegistry() {
  const known = new Map<string, NamedTable>()
  let id: string | undefined
  let paths: Analysis['paths'] = new Map()
  const isKnown = ({ path, fields }: NamedTable) => known.get(keyOf(path))?.fields === fields
  const register = (
    call: Call,
    tables: readonly NamedTable[],
    others: readonly NamedTable[],
  ): string => {
    if (id !== undefined && tables.every(isKnown)) return id
    if (id !== undefined) call('UnregisterCatalog', { registered_id: id })
    id = undefined
    for (const table of [...others, ...tables]) known.set(keyOf(table.path), table)
    id = registered.parse(call('RegisterCatalog', catalogOf([...known.values()]))).registered_id
    paths = new Map([...known.values()].map(({ path }, i) => [tableId(i), path]))
    return id
  }
  return { register, paths: () => paths }
}

const keyOf = (path: readonly string[]) => JSON.stringify(path)
const registered = z.object({ registered_id: z.string() })
