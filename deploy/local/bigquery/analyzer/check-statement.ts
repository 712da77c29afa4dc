// Holds a statement against GoogleSQL and the local tables before anything of it is translated or run.

import { LRUCache } from 'lru-cache'
import type { Catalog } from '../engine/catalog.ts'
import { refuseRepeatedNames } from '../engine/result-columns.ts'
import { type Token, tokensOf } from '../sql/tokens.ts'
import { ApiError, invalidQuery, messageOf, notFound, notImplemented } from '../values/errors.ts'
import type { FieldSchema, QueryParameter, Table } from '../values/resources.ts'
import {
  type Analyzer,
  isRefusal,
  type NamedTable,
  type Refusal,
  TooComplexError,
} from './analyzer.ts'
import { unavailableFunction } from './functions.ts'
import { parameterOf } from './parameters.ts'
import { fieldOf } from './types.ts'

/** The parts of a query request that decide what its statement means. */
export type Statement = {
  readonly query: string
  readonly queryParameters: readonly QueryParameter[]
  readonly defaultDataset?: { readonly datasetId: string } | undefined
}

/**
 * The columns of the statement's result, none for DML and DDL; undefined where the statement lies
 * outside of what the analyzer is told: scripts, system variables, INFORMATION_SCHEMA and DDL without a
 * query. Throws 400 `invalidQuery` in GoogleSQL's words, 404 for a table
 * or dataset that is not there, 501 with the name of what the local BigQuery lacks.
 */
export type CheckStatement = (statement: Statement) => Promise<readonly FieldSchema[] | undefined>

type Checked = { readonly tables: readonly NamedTable[]; readonly fields: readonly FieldSchema[] }

// Commands and dashboards ask the same questions again and again.
const KEPT_STATEMENTS = 500

/** `load` is called by each statement. */
export function createCheck(catalog: Catalog, load: () => Promise<Analyzer>): CheckStatement {
  const checked = new LRUCache<string, Checked>({ max: KEPT_STATEMENTS })
  return async (statement) => {
    if (isOutside(statement.query)) return undefined
    const analyzer = await loaded(load())
    return refusingTooComplex(() => check({ catalog, analyzer, checked, depth: 0 }, statement))
  }
}

type Context = {
  readonly catalog: Catalog
  readonly analyzer: Analyzer
  readonly checked: LRUCache<string, Checked>
  /** How many views the statement is nested in. */
  readonly depth: number
}

// BigQuery's own limit.
const NESTED_VIEWS = 16

const loaded = (loading: Promise<Analyzer>) =>
  loading.catch((error: unknown) => {
    throw new ApiError(500, 'internalError', `GoogleSQL's analyzer is missing: ${messageOf(error)}`)
  })

const keyOf = ({ query, queryParameters, defaultDataset }: Statement) =>
  JSON.stringify([
    query,
    queryParameters.map(({ name, parameterType }) => [name, parameterType]),
    defaultDataset?.datasetId,
  ])

function check(context: Context, statement: Statement): readonly FieldSchema[] | undefined {
  const { analyzer, checked, catalog, depth } = context
  if (depth > NESTED_VIEWS)
    throw invalidQuery(`Views are nested in more than ${NESTED_VIEWS} levels.`)
  const key = keyOf(statement)
  const toTable = (path: readonly string[]) => namedTable(context, path, statement.defaultDataset)
  const known = checked.get(key)
  if (known?.tables.every((table) => toTable(table.path).fields === table.fields))
    return known.fields
  const names = accepted(analyzer.tableNames(statement.query))
  if (names.some(isInformationSchema)) return undefined
  const tables = names.map(toTable)
  const parameters = statement.queryParameters.map(parameterOf)
  const others = allTables(catalog)
  const { columns } = accepted(analyzer.analyze(statement.query, { tables, others, parameters }))
  let unnamed = 0
  const fields = columns.map(({ name, type }) => fieldOf(name ?? `f${unnamed++}_`, type))
  refuseRepeatedNames(fields.map(({ name }) => name))
  checked.set(key, { tables, fields })
  return fields
}

function accepted<T extends object>(result: T | Refusal): T {
  if (!isRefusal(result)) return result
  const { error, line, column } = result
  const missing = unavailableFunction(error)
  if (missing) throw notImplemented(`the function ${missing}`)
  throw invalidQuery(`${error} at [${line}:${column}]`)
}

// Statements of BigQuery that are no queries and change no rows, or take them from elsewhere.
const OTHER_STATEMENT =
  /^(?:ALTER|ASSERT|BEGIN|BREAK|CALL|CASE|COMMIT|CONTINUE|CREATE|DECLARE|DROP|EXECUTE|EXPORT|FOR|GRANT|GRAPH|IF|ITERATE|LEAVE|LOAD|LOOP|RAISE|REPEAT|RETURN|REVOKE|ROLLBACK|SET|TRUNCATE|UNDROP|WHILE)\b|^$/
const CREATE_WITH_QUERY = /^CREATE (?:OR REPLACE )?(?:TABLE|VIEW) .* AS (?:SELECT|WITH|FROM|\() /s

function isOutside(sql: string) {
  const tokens = tokensIn(sql)
  // What cannot be split into tokens is wrong, and the analyzer says how.
  if (tokens === undefined) return false
  const words = tokens.map(({ kind, word }) => (kind === 'STRING' ? "''" : word)).join(' ')
  // BigQuery has it, and the open source does not.
  if (/\bORDER BY ALL\b/.test(words)) throw notImplemented('ORDER BY ALL')
  if (isScript(tokens) || /@ ?@/.test(words)) return true
  return OTHER_STATEMENT.test(words) && !CREATE_WITH_QUERY.test(words)
}

function tokensIn(query: string): readonly Token[] | undefined {
  try {
    return tokensOf(query)
  } catch (error) {
    if (error instanceof ApiError) return undefined
    throw error
  }
}

const isScript = (tokens: readonly Token[]) =>
  tokens.some(({ kind }, i) => kind !== 'SEMICOLON' && tokens[i - 1]?.kind === 'SEMICOLON')

const isInformationSchema = (path: readonly string[]) =>
  splitPath(path).some((name) => /^INFORMATION_SCHEMA$/i.test(name))

// `project.dataset.table` may stand in one pair of back-quotes.
const splitPath = (path: readonly string[]) => path.flatMap((name) => name.split('.'))

function namedTable(
  context: Context,
  path: readonly string[],
  dataset: Statement['defaultDataset'],
): NamedTable {
  const table = findTable(context.catalog, path, dataset?.datasetId)
  return { path, fields: viewColumns(context, table) ?? table.schema.fields }
}

// A view has the columns that its query has now: its `*` follows the table.
const viewColumns = (context: Context, { view }: Table) =>
  view && !isOutside(view.query)
    ? check({ ...context, depth: context.depth + 1 }, { query: view.query, queryParameters: [] })
    : undefined

const allTables = (catalog: Catalog): NamedTable[] =>
  catalog
    .datasets()
    .flatMap(({ datasetReference: { datasetId } }) => catalog.tables(datasetId))
    .filter(({ type }) => type === 'TABLE')
    .map(({ tableReference: { datasetId, tableId }, schema }) => ({
      path: [datasetId, tableId],
      fields: schema.fields,
    }))

function findTable(catalog: Catalog, path: readonly string[], defaultDataset?: string): Table {
  const [tableId = '', datasetId = defaultDataset, project = catalog.project] =
    splitPath(path).toReversed()
  if (tableId.endsWith('*')) throw notImplemented(`wildcard tables (${path.join('.')})`)
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
