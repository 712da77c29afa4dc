// Runs one statement: a query into a result table, DML on the writing connection, DDL through the catalog.

import type { DuckDBConnection } from '@duckdb/node-api'
import { z } from 'zod'
import { alteredTable, objectNotSupported } from '../sql/ddl-text.ts'
import { bindParameters } from '../sql/parameters.ts'
import { type Token, tokensIn } from '../sql/tokens.ts'
import type { Ddl } from '../translate/ddl.ts'
import { ApiError, invalidQuery, notImplemented } from '../values/errors.ts'
import { quoteName } from '../values/names.ts'
import { type Json, parseBody, type queryBody, type TableReference } from '../values/resources.ts'
import type { Catalog } from './catalog.ts'
import type { Database } from './database.ts'
import { type DdlDeps, runDdl } from './ddl.ts'
import type { JobResult } from './jobs.ts'
import type { Prepare, PrepareDdl, Prepared } from './prepare.ts'
import { fromDuckDb, repeatIfMisread } from './query-errors.ts'
import type { StreamingBuffer } from './streaming-buffer.ts'

/** `configuration.query` of jobs.insert, and the body of jobs.query. */
export type QueryRequest = z.infer<typeof queryBody>

export type StatementDeps = {
  readonly catalog: Catalog
  readonly database: Database
  readonly streamingBuffer: StreamingBuffer
  readonly prepare: Prepare
  readonly prepareDdl: PrepareDdl
}

export type StatementResult = JobResult & { readonly statementType: string }

/**
 * Runs the statement and, if it is a query, leaves its rows in the in-memory table `resultName`.
 * Throws ApiErrors: 400 `invalidQuery`, 404 `notFound`, 501 with the name of what is missing.
 */
export async function runStatement(
  deps: StatementDeps,
  request: QueryRequest,
  resultName: string,
): Promise<StatementResult> {
  return withoutEngineWords(request, async () => {
    const ddl = schemaChangeOf(request.query)
    if (ddl) return runSchemaChange(deps, request, ddl, resultName)
    const prepared = await deps.prepare(request)
    return prepared.statementType === 'SELECT'
      ? runQuery(deps, request, prepared, resultName)
      : runDml(deps, request, prepared)
  })
}

/** Checks a query without running it, as a dry run does, and gives its columns. */
export const describeQuery = (deps: StatementDeps, request: QueryRequest) =>
  withoutEngineWords(request, async () => {
    const ddl = schemaChangeOf(request.query)
    if (!ddl) return (await deps.prepare(request)).fields
    await schemaChangeIn(deps, request, ddl)
    return []
  })

async function withoutEngineWords<T>({ query }: QueryRequest, work: () => Promise<T>) {
  try {
    return await work()
  } catch (error) {
    throw error instanceof ApiError ? error : fromDuckDb(error, query)
  }
}

// The first words of DDL.
const SCHEMA_CHANGE = /^(?:CREATE|ALTER|DROP)$/

function schemaChangeOf(query: string): Token[] | undefined {
  const tokens = tokensIn(query)
  const end = tokens.findLastIndex(({ kind }) => kind !== 'SEMICOLON') + 1
  const statement = tokens.slice(0, end)
  if (statement.some(({ kind }) => kind === 'SEMICOLON'))
    throw notImplemented('scripts of several statements')
  const words = statement.map(({ kind, word }) => (kind === 'STRING' ? "''" : word)).join(' ')
  // BigQuery has it, and the open source does not.
  if (/\bORDER BY ALL\b/.test(words)) throw notImplemented('ORDER BY ALL')
  if (/@ ?@/.test(words)) throw notImplemented('system variables')
  const [first] = statement
  if (first && OUTSIDE.test(first.word)) throw notImplemented(`the statement ${first.word}`)
  return first && SCHEMA_CHANGE.test(first.word) ? statement : undefined
}

const OUTSIDE =
  /^(?:ASSERT|BEGIN|BREAK|CALL|COMMIT|CONTINUE|DECLARE|EXECUTE|EXPORT|GRANT|GRAPH|IF|ITERATE|LEAVE|LOAD|LOOP|RAISE|REPEAT|RETURN|REVOKE|ROLLBACK|SET|UNDROP|WHILE)$/

async function runQuery(
  deps: StatementDeps,
  request: QueryRequest,
  prepared: Prepared,
  resultName: string,
): Promise<StatementResult> {
  const { fields } = prepared
  const result = await materialize(deps, request, prepared, resultName)
  return { statementType: 'SELECT', fields, ...result }
}

/** Leaves the rows of a query in the in-memory table `resultName`. */
function materialize(
  { database }: StatementDeps,
  request: QueryRequest,
  { sql, parameters }: Pick<Prepared, 'sql' | 'parameters'>,
  resultName: string,
) {
  const { values, types } = bindParameters(request.queryParameters, parameters)
  const resultTable = `memory.main.${quoteName(resultName)}`
  return database.read(async (connection) => {
    const create = `CREATE TABLE ${resultTable} AS ${sql}`
    const created = await repeatIfMisread(() => connection.runAndReadAll(create, values, types))
    const totalRows = Number(created.getRows()[0]?.[0] ?? 0)
    return { totalRows, resultTable }
  })
}

function runDml(
  { catalog, database, streamingBuffer }: StatementDeps,
  request: QueryRequest,
  { sql, parameters, statementType, target, ambiguity }: Prepared,
) {
  if (target) refuseView(catalog, target)
  if (statementType !== 'INSERT' && target) streamingBuffer.refuse(target)
  const { values, types } = bindParameters(request.queryParameters, parameters)
  return database.write(async (connection): Promise<StatementResult> => {
    if (ambiguity) await refuseAmbiguity(connection, ambiguity, { values, types })
    const done = await connection.runAndReadAll(sql, values, types)
    const affectedRows = Number(done.getRows()[0]?.[0] ?? 0)
    return { statementType, fields: [], totalRows: 0, affectedRows }
  })
}

// INFORMATION_SCHEMA is not in the catalog.
function refuseView(catalog: Catalog, { projectId, datasetId, tableId }: TableReference) {
  const isTable =
    catalog.hasTable(datasetId, tableId) && catalog.table(datasetId, tableId).type === 'TABLE'
  if (!isTable)
    throw invalidQuery(
      `${projectId}:${datasetId}.${tableId} is not allowed for this operation because it is currently a VIEW.`,
    )
}

async function refuseAmbiguity(
  connection: DuckDBConnection,
  sql: string,
  { values, types }: ReturnType<typeof bindParameters>,
) {
  const { currentRowCount: rows } = await connection.runAndReadAll(sql, values, types)
  if (rows > 0)
    throw invalidQuery('UPDATE/MERGE must match at most one source row for each target row')
}

async function runSchemaChange(
  deps: StatementDeps,
  request: QueryRequest,
  tokens: readonly Token[],
  resultName: string,
): Promise<StatementResult> {
  const ddl = await schemaChangeIn(deps, request, tokens)
  const ddlDeps: DdlDeps = {
    catalog: deps.catalog,
    prepare: deps.prepare,
    evaluate: (sql) => evaluate(deps, sql),
    withRows: async (rows, work) => {
      const { resultTable } = await materialize(deps, request, rows, resultName)
      try {
        await work(resultTable)
      } finally {
        await deps.database.read((connection) => connection.run(`DROP TABLE ${resultTable}`))
      }
    },
  }
  const target = await runDdl(ddlDeps, ddl, request.defaultDataset?.datasetId)
  const outcome = { statementType: ddl.kind, fields: [], totalRows: 0 }
  return { ...outcome, ...(target && { ddlTargetTable: target }) }
}

function schemaChangeIn(
  { prepareDdl }: StatementDeps,
  request: QueryRequest,
  tokens: readonly Token[],
): Promise<Ddl> {
  const missing = objectNotSupported(tokens)
  if (missing) throw notImplemented(missing)
  return prepareDdl(request, alteredTable(tokens))
}

const evaluate = ({ database }: StatementDeps, sql: string): Promise<Json> =>
  database.read(async (connection) => {
    const read = await connection.runAndReadAll(`SELECT ${sql}`)
    return parseBody(jsonObject, JSON.parse(String(read.getRows()[0]?.[0])))
  })

const jsonObject = z.record(z.string(), z.unknown())
