// Creates, changes and drops tables and views, in DuckDB and in the catalog at once: for the REST API and for DDL alike.

import type { DuckDBConnection } from '@duckdb/node-api'
import { wallClockMs } from '#runtime/clock'
import { ApiError, duplicate, invalid, invalidQuery, notImplemented } from '../values/errors.ts'
import {
  type FieldSchema,
  isObject,
  type Json,
  parseBody,
  type Table,
  type TableBody,
  type TableReference,
  type TableSchema,
  tableBody,
} from '../values/resources.ts'
import { type Catalog, etagOf } from './catalog.ts'
import { addColumn, columnDefinition, defaultSql, relaxColumn, setDefault } from './columns.ts'
import type { Prepare } from './prepare.ts'
import { fromDuckDb } from './query-errors.ts'
import { checkSchema, schemaChange } from './schema.ts'
import { duckdbName } from './sources.ts'
import { checkLayout, refuseLayoutChange } from './table-layout.ts'

const TABLE_NAME = /^[\p{L}\p{N}\p{M}_\- ]{1,1024}$/u

// Properties that change what a table does, and that this server does not carry out.
const refused = [
  'materializedView',
  'externalDataConfiguration',
  'snapshotDefinition',
  'cloneDefinition',
  'tableConstraints',
  'biglakeConfiguration',
  'encryptionConfiguration',
  'requirePartitionFilter',
]

export type TableDeps = { readonly catalog: Catalog; readonly prepare: Prepare }

/** Writes rows into the new table, in the transaction that creates it. */
export type Fill = (connection: DuckDBConnection) => Promise<void>

type Creation = {
  /** Whether it takes the place of a table or view of the same name. */
  readonly replaces?: boolean
  readonly fill?: Fill | undefined
}

/**
 * Creates a table or view: all is done, or nothing. 409 `duplicate`, 400 `invalid`, 501 with the name of what is
 * missing.
 */
export async function createTable(
  deps: TableDeps,
  [datasetId, tableId]: readonly [dataset: string, table: string],
  body: TableBody,
  { replaces = false, fill }: Creation = {},
) {
  if (!TABLE_NAME.test(tableId)) throw invalid(`Invalid table ID "${tableId}".`)
  refuseProperties(body)
  const { catalog } = deps
  await catalog.change(async (connection) => {
    const reference = { projectId: catalog.project, datasetId, tableId }
    const isThere = catalog.hasTable(datasetId, tableId)
    if (isThere && !replaces) throw duplicate('Table', `${catalog.project}:${datasetId}.${tableId}`)
    if (isThere) await dropFromDuckDb(connection, catalog.table(datasetId, tableId))
    const table = await makeTable(deps, connection, reference, body)
    await fill?.(connection)
    return { table, ...(isThere && { emptiedTable: { datasetId, tableId } }) }
  })
  return catalog.table(datasetId, tableId)
}

/** Makes the table or view in DuckDB, within a change of the catalog; 400 `invalid`, 501 with the name of what is missing. */
export async function makeTable(
  deps: TableDeps,
  connection: DuckDBConnection,
  reference: TableReference,
  body: TableBody,
): Promise<Table> {
  const schema = body.view
    ? await createView(deps, connection, reference, body.view)
    : await createDuckTable(deps, connection, reference, body)
  return stamped({ ...body, creationTime: String(wallClockMs()) }, reference, schema)
}

/**
 * Merges what `changes` makes of the table into its resource. Columns may be added (NULLABLE or
 * REPEATED) or relaxed; a view's query may be replaced. `ifMatch` is the etag expected, else 412.
 */
export async function changeTable(
  deps: TableDeps,
  [datasetId, tableId]: readonly [dataset: string, table: string],
  changes: (before: Table) => Json,
  ifMatch?: string,
) {
  const { catalog } = deps
  await catalog.change(async (connection) => {
    const before = catalog.table(datasetId, tableId)
    if (ifMatch && ifMatch !== before.etag)
      throw new ApiError(412, 'conditionNotMet', 'Precondition Failed: the etag does not match')
    const after = parseBody(tableBody, merge(before, changes(before)))
    refuseProperties(after)
    refuseLayoutChange(before, after)
    const schema =
      before.type === 'VIEW'
        ? await replaceView(deps, connection, before, after)
        : await alterTable(deps, connection, before, after)
    return { table: stamped(after, before.tableReference, schema) }
  })
  return catalog.table(datasetId, tableId)
}

/** Drops the table or view with its rows; 404 if there is none. */
export const dropTable = (catalog: Catalog, datasetId: string, tableId: string) =>
  catalog.change(async (connection) => {
    await dropFromDuckDb(connection, catalog.table(datasetId, tableId))
    return { droppedTable: { datasetId, tableId } }
  })

const dropFromDuckDb = (connection: DuckDBConnection, { type, tableReference }: Table) =>
  connection.run(`DROP ${type} ${duckdbName(tableReference)}`)

function refuseProperties(body: TableBody) {
  const property = refused.find((name) => body[name])
  if (property) throw notImplemented(`a table's ${property}`)
}

async function createDuckTable(
  { prepare }: TableDeps,
  connection: DuckDBConnection,
  reference: TableReference,
  body: TableBody,
) {
  const schema = checkSchema(body.schema)
  checkLayout(body, schema)
  // DuckDB has no table without columns.
  if (schema.fields.length === 0) throw notImplemented('a table without columns')
  const columns: string[] = []
  for (const field of schema.fields) {
    const expression = await defaultSql(prepare, connection, field)
    columns.push(columnDefinition(field, expression))
  }
  await connection.run(`CREATE TABLE ${duckdbName(reference)} (${columns.join(', ')})`)
  return schema
}

async function createView(
  { prepare }: TableDeps,
  connection: DuckDBConnection,
  reference: TableReference,
  { query, useLegacySql }: NonNullable<TableBody['view']>,
): Promise<TableSchema> {
  if (useLegacySql !== false) throw notImplemented('legacy SQL: set useLegacySql to false')
  const { sql, fields, statementType, parameters } = await prepare({ query })
  if (statementType !== 'SELECT') throw invalidQuery('The query of a view must be a SELECT')
  if (parameters.length > 0) throw invalidQuery('Query parameters cannot be used in a view')
  try {
    // The server reads a view by its query; this one is for clients that open the file.
    await connection.run(`CREATE OR REPLACE VIEW ${duckdbName(reference)} AS ${sql}`)
    return { fields: [...fields] }
  } catch (error) {
    throw fromDuckDb(error, query)
  }
}

// A view's `*` is expanded whenever it is read, as in BigQuery; its stored schema stays as of its definition.
const replaceView = async (
  deps: TableDeps,
  connection: DuckDBConnection,
  before: Table,
  after: TableBody,
) =>
  after.view && after.view.query !== before.view?.query
    ? createView(deps, connection, before.tableReference, after.view)
    : before.schema

async function alterTable(
  { prepare }: TableDeps,
  connection: DuckDBConnection,
  before: Table,
  after: TableBody,
) {
  const schema = checkSchema(after.schema)
  const { projectId, datasetId, tableId } = before.tableReference
  const change = schemaChange(before.schema, schema, `${projectId}:${datasetId}.${tableId}`)
  const name = duckdbName(before.tableReference)
  for (const field of change.added) await addColumn(connection, name, field)
  for (const field of change.relaxed) await relaxColumn(connection, name, field)
  for (const field of [...change.added.filter(hasDefault), ...change.defaulted])
    await setDefault(connection, name, field, await defaultSql(prepare, connection, field))
  return change.schema
}

const hasDefault = ({ defaultValueExpression }: FieldSchema) => defaultValueExpression !== undefined

// PATCH semantics of Google's APIs: objects merge, null removes, everything else replaces.
function merge(before: Json, changes: Json): Json {
  const merged: Record<string, unknown> = { ...before }
  for (const [name, value] of Object.entries(changes)) {
    const old = merged[name]
    if (value === null) delete merged[name]
    else merged[name] = isObject(value) && isObject(old) ? merge(old, value) : value
  }
  return merged
}

function stamped(body: TableBody, tableReference: TableReference, schema: TableSchema): Table {
  const { projectId, datasetId, tableId } = tableReference
  const table = {
    ...body,
    kind: 'bigquery#table',
    id: `${projectId}:${datasetId}.${tableId}`,
    tableReference,
    type: body.view ? ('VIEW' as const) : ('TABLE' as const),
    schema: { fields: [...schema.fields] },
    location: 'US',
    creationTime: String(body['creationTime']),
    lastModifiedTime: String(wallClockMs()),
  }
  return { ...table, etag: etagOf({ ...table, etag: undefined }) }
}
