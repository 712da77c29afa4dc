// Prepares a statement: analyzes it against the local tables, and translates what was resolved.

import { LRUCache } from 'lru-cache'
import {
  type Analysis,
  type Analyzer,
  isRefusal,
  type Refusal,
  TooComplexError,
} from '../analyzer/analyzer.ts'
import { unavailableFunction } from '../analyzer/functions.ts'
import { parameterOf } from '../analyzer/parameters.ts'
import { fieldOf } from '../analyzer/types.ts'
import type { AlteredTable } from '../sql/ddl-text.ts'
import { type Ddl, translateDdl } from '../translate/ddl.ts'
import { isDdl } from '../translate/ddl-tree.ts'
import { readTree } from '../translate/read-tree.ts'
import { type Translation, translate } from '../translate/statement.ts'
import { ApiError, invalidQuery, messageOf, notImplemented } from '../values/errors.ts'
import type { FieldSchema, QueryParameter, TableReference } from '../values/resources.ts'
import type { Catalog } from './catalog.ts'
import { allTables, type Source, sourceOf } from './sources.ts'

/** The parts of a query request that decide what its statement means. */
export type Statement = {
  readonly query: string
  readonly queryParameters?: readonly QueryParameter[]
  readonly defaultDataset?: { readonly datasetId: string } | undefined
}

export type Prepared = Omit<Translation, 'target'> & {
  /** The columns of a query's result; none for DML. */
  readonly fields: readonly FieldSchema[]
  /** The table that DML changes. */
  readonly target: TableReference | undefined
}

/**
 * Gives what a query or DML statement is in DuckDB's SQL. Throws 400 `invalidQuery` in GoogleSQL's
 * words, 404 for a table or dataset that is not there, 501 with the name of what the local BigQuery
 * lacks.
 */
export type Prepare = (statement: Statement) => Promise<Prepared>

/** Gives the change that a DDL statement asks for; `altered` is the table that it alters. Throws what `Prepare` throws. */
export type PrepareDdl = (statement: Statement, altered: AlteredTable | undefined) => Promise<Ddl>

type Kept = { readonly sources: readonly Source[]; readonly prepared: Prepared }

// Commands and dashboards ask the same questions again and again.
const KEPT_STATEMENTS = 500

/** `load` is called by each statement. */
export function createPrepare(
  catalog: Catalog,
  load: () => Promise<Analyzer>,
): { readonly prepare: Prepare; readonly prepareDdl: PrepareDdl } {
  const kept = new LRUCache<string, Kept>({ max: KEPT_STATEMENTS })
  const analyzing = async <T>(work: (context: Context) => T) => {
    const analyzer = await loaded(load())
    return refusingTooComplex(() => work({ catalog, analyzer, kept, depth: 0 }))
  }
  return {
    prepare: (statement) => analyzing((context) => prepare(context, statement)),
    prepareDdl: (statement, altered) =>
      analyzing((context) => prepareDdl(context, statement, altered)),
  }
}

type Context = {
  readonly catalog: Catalog
  readonly analyzer: Analyzer
  readonly kept: LRUCache<string, Kept>
  /** How many views the statement is nested in. */
  readonly depth: number
}

// BigQuery's own limit.
const NESTED_VIEWS = 16

const loaded = (loading: Promise<Analyzer>) =>
  loading.catch((error: unknown) => {
    throw new ApiError(500, 'internalError', `GoogleSQL's analyzer is missing: ${messageOf(error)}`)
  })

const keyOf = ({ query, queryParameters = [], defaultDataset }: Statement) =>
  JSON.stringify([
    query,
    queryParameters.map(({ name, parameterType }) => [name, parameterType]),
    defaultDataset?.datasetId,
  ])

function prepare(context: Context, statement: Statement): Prepared {
  const { analyzer, kept, depth } = context
  if (depth > NESTED_VIEWS)
    throw invalidQuery(`Views are nested in more than ${NESTED_VIEWS} levels.`)
  const key = keyOf(statement)
  const toSource = sourcesOf(context, statement)
  const known = kept.get(key)
  if (known?.sources.every((source) => isSame(source, toSource(source.path)))) return known.prepared
  const sources = accepted(analyzer.tableNames(statement.query)).map(toSource)
  const prepared = translated(context, statement, sources)
  kept.set(key, { sources, prepared })
  return prepared
}

function prepareDdl(
  context: Context,
  statement: Statement,
  altered: AlteredTable | undefined,
): Ddl {
  const toSource = sourcesOf(context, statement)
  const named = accepted(context.analyzer.tableNames(statement.query)).map(toSource)
  const target = altered ? targetOf(altered, toSource) : []
  const sources = [...named, ...target]
  const { resolved, paths } = analyzed(context, statement, sources)
  const tree = readTree(resolved)
  if (!isDdl(tree)) throw new Error(`the statement is a ${tree.node}, not DDL`)
  const sourceAt = sourcesById(sources, paths)
  return translateDdl(tree, (id) => sourceAt(id).sql)
}

// ALTER TABLE IF EXISTS is analyzed without the table, where it is not there.
function targetOf({ path, ifExists }: AlteredTable, toSource: ReturnType<typeof sourcesOf>) {
  try {
    return [toSource(path)]
  } catch (error) {
    if (ifExists && error instanceof ApiError && error.code === 404) return []
    throw error
  }
}

// A view has the columns that its query has now: its `*` follows the table.
const sourcesOf =
  (context: Context, { defaultDataset }: Statement) =>
  (path: readonly string[]) =>
    sourceOf(context.catalog, path, defaultDataset?.datasetId, (query) =>
      prepare({ ...context, depth: context.depth + 1 }, { query }),
    )

const isSame = (a: Source, b: Source) => a.fields === b.fields && a.sql === b.sql

function analyzed(
  { analyzer, catalog }: Context,
  { query, queryParameters = [] }: Statement,
  tables: readonly Source[],
): Analysis {
  const parameters = queryParameters.map(parameterOf)
  return accepted(analyzer.analyze(query, { tables, others: allTables(catalog), parameters }))
}

function translated(context: Context, statement: Statement, sources: readonly Source[]): Prepared {
  const { columns, resolved, paths } = analyzed(context, statement, sources)
  let unnamed = 0
  const fields = columns.map(({ name, type }) => fieldOf(name ?? `f${unnamed++}_`, type))
  refuseRepeatedNames(fields.map(({ name }) => name))
  const sourceAt = sourcesById(sources, paths)
  const tree = readTree(resolved)
  if (isDdl(tree)) throw invalidQuery('A query or a change of rows was expected, not DDL')
  const { target, ...translation } = translate(
    tree,
    fields.map(({ name }) => name),
    (id) => sourceAt(id).sql,
  )
  return {
    ...translation,
    fields,
    target: target === undefined ? undefined : sourceAt(target).table,
  }
}

// The source of a table, by its id in the resolved statement.
function sourcesById(sources: readonly Source[], paths: Analysis['paths']) {
  const byPath = new Map(sources.map((source) => [JSON.stringify(source.path), source]))
  return (id: string): Source => {
    const source = byPath.get(JSON.stringify(paths.get(id)))
    if (!source) throw new Error(`the analyzer names a table ${id} that it was not told of`)
    return source
  }
}

function accepted<T extends object>(result: T | Refusal): T {
  if (!isRefusal(result)) return result
  const { error, line, column } = result
  const missing = unavailableFunction(error)
  if (missing) throw notImplemented(`the function ${missing}`)
  throw invalidQuery(`${error} at [${line}:${column}]`)
}

function refuseRepeatedNames(names: readonly string[]) {
  const lower = names.map((name) => name.toLowerCase())
  const repeated = lower.find((name, i) => lower.indexOf(name) !== i)
  if (repeated)
    throw invalidQuery(
      `Duplicate column names in the result are not supported. Found duplicate(s): ${repeated}`,
    )
}

function refusingTooComplex<T>(work: () => T): T {
  try {
    return work()
  } catch (error) {
    if (!(error instanceof TooComplexError)) throw error
    const message =
      'Resources exceeded during query execution: Not enough resources for query planning - too many subqueries or query is too complex.'
    throw new ApiError(400, 'resourcesExceeded', message)
  }
}
