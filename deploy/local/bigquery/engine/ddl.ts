// Carries out DDL statements with the same operations as the REST API's datasets and tables methods.

import type { Ddl, NewColumn, Path } from '../sql/ddl.ts'
import { EXPIRATION } from '../sql/ddl-options.ts'
import { ApiError, invalidQuery } from '../values/errors.ts'
import { type FieldSchema, parseBody, type TableReference, tableBody } from '../values/resources.ts'
import type { Catalog } from './catalog.ts'
import { createDataset, dropDataset } from './datasets.ts'
import type { Prepare } from './prepare.ts'
import { changeTable, createTable, dropTable } from './table-changes.ts'

export type DdlDeps = {
  readonly catalog: Catalog
  readonly prepare: Prepare
  /** The columns of a query, for CREATE TABLE … AS. */
  readonly describe: (query: string) => Promise<readonly FieldSchema[]>
  /** Writes a query's rows into the new, empty table. */
  readonly fill: (table: TableReference, query: string) => Promise<unknown>
  /** The value of a TIMESTAMP expression without columns, in milliseconds since 1970. */
  readonly momentOf: (expression: string) => Promise<string>
}

type Creation = Extract<Ddl, { kind: 'CREATE_TABLE' | 'CREATE_VIEW' }>

/**
 * Carries out the change and gives the table or view it was about. Throws what the REST methods
 * throw, unless IF EXISTS or IF NOT EXISTS makes nothing of it.
 */
export async function runDdl(
  deps: DdlDeps,
  ddl: Ddl,
  defaultDataset: string | undefined,
): Promise<TableReference | undefined> {
  const { catalog } = deps
  if (ddl.kind === 'CREATE_SCHEMA') {
    await unless(ddl.ifNotExists, 409, createDataset(catalog, partsOf(ddl.path).at(-1) ?? '', {}))
    return undefined
  }
  if (ddl.kind === 'DROP_SCHEMA') {
    await unless(
      ddl.ifExists,
      404,
      dropDataset(catalog, partsOf(ddl.path).at(-1) ?? '', ddl.cascade),
    )
    return undefined
  }
  const target = referenceOf(catalog, ddl.path, defaultDataset)
  if (ddl.kind === 'ALTER_TABLE') await alter(deps, ddl, target)
  else if (ddl.kind === 'CREATE_TABLE' || ddl.kind === 'CREATE_VIEW')
    await create(deps, ddl, target)
  else
    await unless(ddl.ifExists, 404, drop(deps, ddl.kind === 'DROP_VIEW' ? 'VIEW' : 'TABLE', target))
  return target
}

// One pair of back-quotes may hold several parts.
const partsOf = (path: Path) => path.flatMap((part) => part.split('.'))

function referenceOf({ project }: Catalog, path: Path, defaultDataset: string | undefined) {
  const [tableId = '', datasetId = defaultDataset, projectId = project] = partsOf(path).toReversed()
  if (!datasetId)
    throw invalidQuery(`Table "${tableId}" must be qualified with a dataset (e.g. dataset.table).`)
  return { projectId, datasetId, tableId }
}

// IF [NOT] EXISTS: the error with this code means that there is nothing to do.
async function unless(allowed: boolean, code: number, change: Promise<unknown>) {
  try {
    await change
  } catch (error) {
    if (!(allowed && error instanceof ApiError && error.code === code)) throw error
  }
}

async function drop(
  { catalog }: DdlDeps,
  type: 'TABLE' | 'VIEW',
  { datasetId, tableId }: TableReference,
) {
  if (catalog.table(datasetId, tableId).type !== type)
    throw invalidQuery(`${datasetId}.${tableId} is not a ${type.toLowerCase()}`)
  await dropTable(catalog, datasetId, tableId)
}

async function create(deps: DdlDeps, ddl: Creation, target: TableReference) {
  const { datasetId, tableId } = target
  const type = ddl.kind === 'CREATE_VIEW' ? 'VIEW' : 'TABLE'
  if (ddl.orReplace && deps.catalog.hasTable(datasetId, tableId)) await drop(deps, type, target)
  const exists = deps.catalog.hasTable(datasetId, tableId)
  if (exists && ddl.ifNotExists) return
  await createTable(deps, [datasetId, tableId], await bodyOf(deps, ddl))
  if (ddl.kind === 'CREATE_TABLE' && ddl.query) await deps.fill(target, ddl.query)
}

async function bodyOf(deps: DdlDeps, ddl: Creation) {
  const { expirationMs, ...options } = await evaluated(deps, ddl.options)
  if (ddl.kind === 'CREATE_VIEW')
    return parseBody(tableBody, { ...options, view: { query: ddl.query, useLegacySql: false } })
  const { timePartitioning, clustering, query } = ddl
  const fields = ddl.fields.length === 0 && query ? await deps.describe(query) : ddl.fields
  return parseBody(tableBody, {
    ...options,
    schema: { fields },
    ...(timePartitioning && {
      timePartitioning: { ...timePartitioning, ...(expirationMs ? { expirationMs } : {}) },
    }),
    ...(clustering && { clustering }),
  })
}

/** The options as properties of the resource, without expressions. */
async function evaluated({ momentOf }: DdlDeps, options: Creation['options']) {
  const { [EXPIRATION]: expression, ...properties } = options
  if (typeof expression !== 'string') return properties
  return { ...properties, expirationTime: await momentOf(expression) }
}

async function alter(
  deps: DdlDeps,
  { columns, options }: Extract<Ddl, { kind: 'ALTER_TABLE' }>,
  target: TableReference,
) {
  const { datasetId, tableId } = target
  if (columns.length > 0) await addColumns(deps, target, columns)
  const { expirationMs, ...properties } = await evaluated(deps, options)
  const changes = {
    ...properties,
    ...(expirationMs !== undefined && { timePartitioning: { expirationMs } }),
  }
  if (Object.keys(changes).length > 0) await changeTable(deps, [datasetId, tableId], () => changes)
}

const addColumns = (deps: DdlDeps, target: TableReference, columns: readonly NewColumn[]) =>
  changeTable(deps, [target.datasetId, target.tableId], ({ schema }) => {
    const known = new Set(schema.fields.map(({ name }) => name.toLowerCase()))
    const isKnown = ({ field }: NewColumn) => known.has(field.name.toLowerCase())
    const repeated = columns.find((column) => isKnown(column) && !column.ifNotExists)
    if (repeated) throw invalidQuery(`Column already exists: ${repeated.field.name}`)
    const added = columns.filter((column) => !isKnown(column)).map(({ field }) => field)
    return { schema: { fields: [...schema.fields, ...added] } }
  })
