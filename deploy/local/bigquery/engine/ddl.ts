// Carries out DDL statements with the same operations as the REST API's datasets and tables methods.

import type { Ddl, DdlOfKind, Path } from '../translate/ddl.ts'
import { type Described, type Options, resourceProperties } from '../translate/ddl-options.ts'
import type { Translation } from '../translate/statement.ts'
import { ApiError, invalidQuery } from '../values/errors.ts'
import { quoteName } from '../values/names.ts'
import { type Json, parseBody, type TableReference, tableBody } from '../values/resources.ts'
import { alteredFields } from './altered-fields.ts'
import type { Catalog } from './catalog.ts'
import { createDataset, dropDataset, updateDataset } from './datasets.ts'
import { duckdbName } from './sources.ts'
import { changeTable, createTable, dropTable, type Fill, type TableDeps } from './table-changes.ts'

export type DdlDeps = TableDeps & {
  /** The JSON object that an expression of DuckDB has as its value. */
  readonly evaluate: (sql: string) => Promise<Json>
  /** Runs a query, and has `work` use the table of its rows, which is dropped afterwards. */
  readonly withRows: (rows: Translation, work: (table: string) => Promise<void>) => Promise<void>
}

type Creation = DdlOfKind<'CREATE_TABLE' | 'CREATE_TABLE_AS_SELECT' | 'CREATE_VIEW'>
type Alter = DdlOfKind<'ALTER_TABLE' | 'ALTER_VIEW' | 'ALTER_SCHEMA'>

/**
 * Carries out the change and gives the table or view it was about. Throws what the REST methods
 * throw, unless IF EXISTS or IF NOT EXISTS makes nothing of it.
 */
export async function runDdl(
  deps: DdlDeps,
  ddl: Ddl,
  defaultDataset: string | undefined,
): Promise<TableReference | undefined> {
  if (ddl.kind === 'CREATE_SCHEMA' || ddl.kind === 'DROP_SCHEMA' || ddl.kind === 'ALTER_SCHEMA') {
    await changeSchema(deps, ddl)
    return undefined
  }
  const target = referenceOf(deps.catalog, ddl.path, defaultDataset)
  if (ddl.kind === 'DROP_TABLE' || ddl.kind === 'DROP_VIEW')
    await unless(ddl.ifExists, 404, drop(deps.catalog, typeOf(ddl), target))
  else if (ddl.kind === 'ALTER_TABLE' || ddl.kind === 'ALTER_VIEW')
    await unless(ddl.ifExists, 404, alter(deps, ddl, target))
  else await create(deps, ddl, target)
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

async function changeSchema(
  deps: DdlDeps,
  ddl: DdlOfKind<'CREATE_SCHEMA' | 'DROP_SCHEMA' | 'ALTER_SCHEMA'>,
) {
  const { catalog } = deps
  const dataset = partsOf(ddl.path).at(-1) ?? ''
  if (ddl.kind === 'DROP_SCHEMA')
    return unless(ddl.ifExists, 404, dropDataset(catalog, dataset, ddl.cascade))
  if (ddl.kind === 'CREATE_SCHEMA') {
    const properties = await propertiesOf(deps, [ddl.options], 'SCHEMA')
    return unless(ddl.ifNotExists, 409, createDataset(catalog, dataset, withoutNull(properties)))
  }
  const properties = await propertiesOf(deps, optionsIn(ddl), 'SCHEMA')
  return unless(ddl.ifExists, 404, updateDataset(catalog, dataset, withoutNull(properties)))
}

// NULL takes a property away.
const withoutNull = (properties: Json): Json =>
  Object.fromEntries(Object.entries(properties).map(([name, value]) => [name, value ?? undefined]))

async function propertiesOf(deps: DdlDeps, options: readonly Options[], kind: Described) {
  const found: Record<string, unknown> = {}
  for (const { valuesSql } of options)
    if (valuesSql !== undefined)
      Object.assign(found, resourceProperties(await deps.evaluate(valuesSql), kind))
  return found
}

const optionsIn = ({ alterations }: Alter): readonly Options[] =>
  alterations.flatMap((change) => (change.kind === 'OPTIONS' ? [change.options] : []))

const typeOf = ({ kind }: { readonly kind: Ddl['kind'] }) =>
  kind.endsWith('VIEW') ? 'VIEW' : 'TABLE'

function refuseOtherType(catalog: Catalog, type: 'TABLE' | 'VIEW', target: TableReference) {
  const { datasetId, tableId } = target
  if (catalog.table(datasetId, tableId).type !== type)
    throw invalidQuery(`${datasetId}.${tableId} is not a ${type.toLowerCase()}`)
}

async function drop(catalog: Catalog, type: 'TABLE' | 'VIEW', target: TableReference) {
  refuseOtherType(catalog, type, target)
  await dropTable(catalog, target.datasetId, target.tableId)
}

async function create(deps: DdlDeps, ddl: Creation, target: TableReference) {
  const { datasetId, tableId } = target
  const exists = deps.catalog.hasTable(datasetId, tableId)
  if (exists && ddl.ifNotExists) return
  if (exists && ddl.orReplace) refuseOtherType(deps.catalog, typeOf(ddl), target)
  const body = await bodyOf(deps, ddl)
  const make = async (fill?: Fill) => {
    await createTable(deps, [datasetId, tableId], body, { replaces: ddl.orReplace, fill })
  }
  if (ddl.kind !== 'CREATE_TABLE_AS_SELECT') return make()
  const columns = ddl.fields.map(({ name }) => quoteName(name)).join(', ')
  return deps.withRows(ddl.rows, (rows) =>
    make(async (connection) => {
      const insert = `INSERT INTO ${duckdbName(target)} (${columns}) SELECT ${columns} FROM ${rows}`
      await connection.run(insert)
    }),
  )
}

async function bodyOf(deps: DdlDeps, ddl: Creation) {
  const { partitionExpirationMs, ...properties } = await propertiesOf(deps, [ddl.options], 'TABLE')
  if (ddl.kind === 'CREATE_VIEW')
    return parseBody(tableBody, { ...properties, view: { query: ddl.query, useLegacySql: false } })
  const { timePartitioning, clustering, fields } = ddl
  const expiration = partitionExpirationMs ? { expirationMs: partitionExpirationMs } : {}
  return parseBody(tableBody, {
    ...properties,
    schema: { fields },
    ...(timePartitioning && { timePartitioning: { ...timePartitioning, ...expiration } }),
    ...(clustering && { clustering }),
  })
}

async function alter(
  deps: DdlDeps,
  ddl: DdlOfKind<'ALTER_TABLE' | 'ALTER_VIEW'>,
  target: TableReference,
) {
  refuseOtherType(deps.catalog, typeOf(ddl), target)
  const { partitionExpirationMs, ...properties } = await propertiesOf(deps, optionsIn(ddl), 'TABLE')
  await changeTable(deps, [target.datasetId, target.tableId], ({ schema }) => ({
    ...properties,
    ...(partitionExpirationMs !== undefined && {
      timePartitioning: { expirationMs: partitionExpirationMs },
    }),
    schema: { fields: alteredFields(schema.fields, ddl.alterations) },
  }))
}
