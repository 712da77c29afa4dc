// Runs one statement: a query into a result table, DML on the writing connection, DDL through the catalog.

import type { DuckDBConnection } from '@duckdb/node-api'
import type { z } from 'zod'
import type { CheckStatement } from '../analyzer/check-statement.ts'
import { readDdl } from '../sql/ddl.ts'
import { createParameters, type Parameters } from '../sql/parameters.ts'
import type { Token } from '../sql/tokens.ts'
import { statementTokens, translateStatement } from '../sql/translate.ts'
import { ApiError, notImplemented } from '../values/errors.ts'
import { quoteName } from '../values/names.ts'
import type { FieldSchema, queryBody, TableReference } from '../values/resources.ts'
import { fieldOf } from '../values/wire.ts'
import type { Catalog } from './catalog.ts'
import type { Database } from './database.ts'
import { type DdlDeps, runDdl } from './ddl.ts'
import { fromDuckDb } from './query-errors.ts'
import { refuseRepeatedNames, resultOf } from './result-columns.ts'
import type { StreamingBuffer } from './streaming-buffer.ts'

/** `configuration.query` of jobs.insert, and the body of jobs.query. */
export type QueryRequest = z.infer<typeof queryBody>

export type StatementDeps = {
  readonly catalog: Catalog
  readonly database: Database
  readonly streamingBuffer: StreamingBuffer
  /** GoogleSQL's judgement of a statement, before it is run. */
  readonly check: CheckStatement
}

export type StatementResult = {
  /** BigQuery's name of the statement, such as SELECT or CREATE_VIEW. */
  readonly statementType: string
  readonly fields: readonly FieldSchema[]
  readonly totalRows: number
  /** Where a query's rows are, in order. */
  readonly resultTable?: string
  readonly affectedRows?: number
  /** The table or view that DDL was about. */
  readonly ddlTargetTable?: TableReference
}

/**
 * Runs the statement and, if it is a query, leaves its rows in the in-memory table `resultName`.
 * Throws ApiErrors: 400 `invalidQuery`, 404 `notFound`, 501 with the name of what is missing.
 */
export async function runStatement(
  deps: StatementDeps,
  request: QueryRequest,
  resultName: string,
): Promise<StatementResult> {
  try {
    const columns = await deps.check(request)
    const tokens = statementTokens(request.query)
    const statement = tokens[0]?.word ?? ''
    if (/^(SELECT|WITH|\()$/.test(statement))
      return await runQuery(deps, request, { tokens, columns }, resultName)
    if (/^(INSERT|UPDATE|DELETE|MERGE|TRUNCATE)$/.test(statement))
      return await runDml(deps, request, tokens)
    if (/^(CREATE|ALTER|DROP)$/.test(statement)) return await runSchemaChange(deps, request, tokens)
    throw notImplemented(`the statement ${statement}`)
  } catch (error) {
    throw error instanceof ApiError ? error : fromDuckDb(error, request.query, deps.catalog.project)
  }
}

/** Checks a query without running it, as a dry run does, and gives its columns. */
export async function describeQuery(
  { catalog, database, check }: StatementDeps,
  request: QueryRequest,
) {
  try {
    const columns = await check(request)
    const parameters = createParameters(request.queryParameters)
    const sql = translateStatement(statementTokens(request.query), parameters)
    return await database.read(async (connection) => {
      await useDefaultDataset(connection, catalog, request)
      const found = await columnsOf(connection, sql, parameters)
      return resultOf(columns, found, sql).fields
    })
  } catch (error) {
    throw error instanceof ApiError ? error : fromDuckDb(error, request.query, catalog.project)
  }
}

type Columns = readonly FieldSchema[] | undefined

function runQuery(
  { catalog, database }: StatementDeps,
  request: QueryRequest,
  { tokens, columns }: { readonly tokens: Token[]; readonly columns: Columns },
  resultName: string,
) {
  const parameters = createParameters(request.queryParameters)
  const sql = translateStatement(tokens, parameters)
  const resultTable = `memory.main.${quoteName(resultName)}`
  return database.read(async (connection): Promise<StatementResult> => {
    await useDefaultDataset(connection, catalog, request)
    const { values, types } = parameters.bound()
    const found = await columnsOf(connection, sql, parameters)
    const { fields, sql: select } = resultOf(columns, found, sql)
    const create = `CREATE TABLE ${resultTable} AS ${select}`
    const created = await connection.runAndReadAll(create, values, types)
    const totalRows = Number(created.getRows()[0]?.[0] ?? 0)
    return { statementType: 'SELECT', fields, totalRows, resultTable }
  })
}

function runDml(
  { catalog, database, streamingBuffer }: StatementDeps,
  request: QueryRequest,
  tokens: Token[],
) {
  const [verb, second] = tokens
  const statementType = verb?.word === 'TRUNCATE' ? 'TRUNCATE_TABLE' : (verb?.word ?? '')
  // GoogleSQL allows INSERT without INTO, the translator does not.
  if (verb?.word === 'INSERT' && second?.word !== 'INTO') verb.text = 'INSERT INTO'
  if (statementType !== 'INSERT') streamingBuffer.refuse(targetOf(tokens), request.defaultDataset)
  const parameters = createParameters(request.queryParameters)
  const sql = translateStatement(tokens, parameters)
  return database.write(async (connection): Promise<StatementResult> => {
    // The writing connection may still have the last statement's default dataset.
    await connection.run(`USE ${quoteName(catalog.project)}`)
    await useDefaultDataset(connection, catalog, request)
    const { values, types } = parameters.bound()
    const done = await connection.runAndReadAll(sql, values, types)
    const affectedRows = Number(done.getRows()[0]?.[0] ?? 0)
    return { statementType, fields: [], totalRows: 0, affectedRows }
  })
}

async function runSchemaChange(
  deps: StatementDeps,
  request: QueryRequest,
  tokens: readonly Token[],
): Promise<StatementResult> {
  const ddl = readDdl(tokens)
  const ddlDeps: DdlDeps = {
    catalog: deps.catalog,
    describe: (query) => describeQuery(deps, { ...request, query }),
    fill: (table, query) =>
      runDml(
        deps,
        request,
        statementTokens(`INSERT INTO ${table.datasetId}.\`${table.tableId}\` ${query}`),
      ),
  }
  const target = await runDdl(ddlDeps, ddl, request.defaultDataset?.datasetId)
  const outcome = { statementType: ddl.kind, fields: [], totalRows: 0 }
  return { ...outcome, ...(target && { ddlTargetTable: target }) }
}

function targetOf(tokens: readonly Token[]) {
  const start = tokens.findIndex(({ word }, i) => i > 0 && !/^(FROM|INTO|TABLE)$/.test(word))
  const path: string[] = []
  for (let i = start; i === start || tokens[i - 1]?.kind === 'DOT'; i += 2)
    path.push(tokens[i]?.value ?? '')
  return path.join('.').split('.').slice(-2)
}

async function useDefaultDataset(
  connection: DuckDBConnection,
  catalog: Catalog,
  request: QueryRequest,
) {
  const { datasetId } = request.defaultDataset ?? {}
  if (!datasetId) return
  catalog.dataset(datasetId)
  const [project, dataset] = [catalog.project, datasetId].map(quoteName)
  await connection.run(`SET search_path = '${project}.${dataset},${project}.main'`)
}

// LIMIT 0 makes DuckDB work out the columns, with the parameters' types, and nothing else.
async function columnsOf(connection: DuckDBConnection, sql: string, parameters: Parameters) {
  const { values, types } = parameters.bound()
  const empty = await connection.run(`SELECT * FROM (${sql}) LIMIT 0`, values, types)
  const names = empty.columnNames()
  refuseRepeatedNames((await namesBeforeBinding(connection, sql)) ?? names)
  return empty.columnTypes().map((type, i) => fieldOf(names[i] ?? '', type))
}

// DuckDB renames the second `a` of a subquery to `a_1`: only the bare statement tells. It has no
// names yet while their types hang on an array parameter.
async function namesBeforeBinding(connection: DuckDBConnection, sql: string) {
  const prepared = await connection.prepare(sql)
  try {
    return Array.from({ length: prepared.columnCount }, (_, i) => prepared.columnName(i))
  } catch {
    return undefined
  } finally {
    prepared.destroySync()
  }
}
