// What a statement may read under a path of names: tables, views, and INFORMATION_SCHEMA.

import type { NamedTable } from '../analyzer/analyzer.ts'
import { ApiError, invalidQuery, notFound, notImplemented } from '../values/errors.ts'
import { quoteLiteral, quoteName } from '../values/names.ts'
import type { FieldSchema, Table, TableReference } from '../values/resources.ts'
import type { Catalog } from './catalog.ts'
import { INFORMATION_TABLES } from './information-schema.ts'

/** A table under the path that a statement calls it by. */
export type Source = NamedTable & {
  /** What reads it in DuckDB, as an operand of FROM. */
  readonly sql: string
  readonly table: TableReference
}

type View = { readonly fields: readonly FieldSchema[]; readonly sql: string }

/**
 * What a statement names by `path`; `view` gives the query of a view. Throws 404 for a table, dataset
 * or project that is not there, and 501 with the name of a form that is not supported.
 */
export function sourceOf(
  catalog: Catalog,
  path: readonly string[],
  defaultDataset: string | undefined,
  view: (query: string) => View,
): Source {
  // `project.dataset.table` may stand in one pair of back-quotes.
  const names = path.flatMap((name) => name.split('.'))
  const at = names.findIndex((name) => /^INFORMATION_SCHEMA$/i.test(name))
  if (at >= 0) return informationSource(catalog, path, names, at)
  const table = findTable(catalog, names, defaultDataset)
  const { tableReference } = table
  if (table.view) {
    const { fields, sql } = view(table.view.query)
    return { path, fields, sql: `(${sql})`, table: tableReference }
  }
  return {
    path,
    fields: table.schema.fields,
    sql: duckdbName(tableReference),
    table: tableReference,
  }
}

/** `"dataset"."table"`, the table's name in DuckDB. */
export const duckdbName = ({ datasetId, tableId }: TableReference) =>
  `${quoteName(datasetId)}.${quoteName(tableId)}`

/** Every table, without views, as `dataset.table`. */
export const allTables = (catalog: Catalog): NamedTable[] =>
  catalog
    .datasets()
    .flatMap(({ datasetReference: { datasetId } }) => catalog.tables(datasetId))
    .filter(({ type }) => type === 'TABLE')
    .map(({ tableReference: { datasetId, tableId }, schema }) => ({
      path: [datasetId, tableId],
      fields: schema.fields,
    }))

function informationSource(
  catalog: Catalog,
  path: readonly string[],
  names: readonly string[],
  at: number,
): Source {
  const [datasetId, view = ''] = [names[at - 1], names[at + 1]?.toUpperCase()]
  const fields = INFORMATION_TABLES[view]
  if (datasetId === undefined || !fields) throw notImplemented(`INFORMATION_SCHEMA.${view}`)
  catalog.dataset(datasetId)
  const sql = `_bigquery.information_schema_${view.toLowerCase()}(${quoteLiteral(datasetId)})`
  return { path, fields, sql, table: { projectId: catalog.project, datasetId, tableId: view } }
}

function findTable(catalog: Catalog, names: readonly string[], defaultDataset?: string): Table {
  const [tableId = '', datasetId = defaultDataset, project = catalog.project] = names.toReversed()
  if (tableId.endsWith('*')) throw notImplemented(`wildcard tables (${names.join('.')})`)
  if (tableId === '__TABLES__') throw notImplemented('__TABLES__')
  if (project !== catalog.project) throw notFound('Project', project)
  if (datasetId === undefined)
    throw invalidQuery(`Table "${tableId}" must be qualified with a dataset (e.g. dataset.table).`)
  try {
    return catalog.table(datasetId, tableId)
  } catch (error) {
    throw error instanceof ApiError
      ? new ApiError(error.code, error.reason, `${error.message} was not found in location US`)
      : error
  }
}
