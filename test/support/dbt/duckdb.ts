// The models in DuckDB, in this process: what their rules make of rows, within milliseconds. That BigQuery takes their text, and
// makes the same of it, is for the tests with the local BigQuery.

import { type DuckDBConnection, DuckDBInstance, type Json } from '@duckdb/node-api'
import {
  type Built,
  changedDaysQuery,
  changeSourcesOf,
  type Model,
  modelsInOrder,
  type Places,
  renderModel,
  type Upkeep,
  upkeepOf,
} from './models.ts'

type Row = Readonly<Record<string, unknown>>

export type Models = {
  /** Adds rows to a source table. A column that a row does not have is null. */
  stage(table: string, rows: readonly Row[]): Promise<void>
  /** Builds every model: from nothing, or in addition to what was built before. */
  build(): Promise<void>
  /** Rows; long numbers, times and what else JSON does not have are texts. */
  rows(sql: string): Promise<Readonly<Record<string, Json>>[]>
  close(): void
}

const STAGED = `partner_id VARCHAR, type VARCHAR, order_id VARCHAR, event_id VARCHAR, car_model VARCHAR,
  amount DECIMAL(38, 9), currency VARCHAR, timestamp TIMESTAMPTZ, publish_time TIMESTAMPTZ,
  ingested_at TIMESTAMPTZ, message_id VARCHAR, content_hash VARCHAR`

const SOURCES: Readonly<Record<string, string>> = {
  staging_purchase: STAGED,
  staging_cancellation: `${STAGED}, reason VARCHAR, partial BOOLEAN`,
  audit_log: `message_id VARCHAR, partner_id VARCHAR, decision VARCHAR, reasons VARCHAR[], event_id VARCHAR,
    content_hash VARCHAR, publish_time TIMESTAMPTZ, ingested_at TIMESTAMPTZ, part BIGINT, batch_id VARCHAR`,
}

const SETUP = [
  `SET TimeZone = 'UTC'`,
  `SET default_null_order = 'nulls_first_on_asc_last_on_desc'`,
  // As the local BigQuery, which says why.
  `SET disabled_optimizers = 'top_n_window_elimination'`,
  'CREATE SCHEMA streaming',
  'CREATE SCHEMA curated',
  'CREATE MACRO day_of(moment) AS CAST(moment AS DATE)',
  'CREATE MACRO safe_divide(one, other) AS CASE WHEN other = 0 THEN NULL ELSE one / other END',
  'CREATE MACRO timestamp_sub(moment, span) AS moment - span',
]

export const PLACES: Places = {
  ref: (model) => `curated.${model}`,
  source: (table) => `streaming.${table}`,
}

/** What DuckDB calls otherwise than BigQuery. */
export const inDuckDb = (sql: string): string =>
  sql
    .replaceAll(/\bcountif\(/g, 'count_if(')
    .replaceAll(/\bdate\(/g, 'day_of(')
    .replaceAll(/\bunix_micros\(/g, 'epoch_us(')
    .replaceAll(/\bpercentile_cont\(/g, 'quantile_cont(')
    .replaceAll(/\bcurrent_timestamp\(\)/g, 'now()')
    .replaceAll(/\btimestamp_diff\((\w+), (\w+), second\)/g, `date_diff('second', $2, $1)`)
    .replaceAll(/\* except \(/g, '* exclude (')
    .replaceAll(/\bexcept distinct\b/g, 'except')
    .replaceAll(/cross join unnest\((\w+)\) as (\w+)/g, 'cross join unnest($1) as _($2)')

/** Models in tables of their own; nothing is built yet. */
export async function openModels(): Promise<Models> {
  const instance = await DuckDBInstance.create(':memory:')
  const connection = await instance.connect()
  for (const statement of SETUP) await connection.run(statement)
  for (const [table, columns] of Object.entries(SOURCES))
    await connection.run(`CREATE TABLE streaming.${table} (${columns})`)
  const built = new Set<string>()
  const rows = async (sql: string) => {
    const reader = await connection.runAndReadAll(sql)
    return reader.getRowObjectsJson()
  }
  return {
    stage: async (table, some) => {
      if (some.length === 0) return
      const columns = Array.from(
        (SOURCES[table] ?? '').matchAll(/(?:^|,\s+)([a-z]\w*) /g),
        ([, name = '']) => name,
      )
      const valuesOf = (row: Row) => columns.map((name) => literal(row[name])).join()
      await connection.run(
        `INSERT INTO streaming.${table} (${columns.join()}) VALUES ${some.map((row) => `(${valuesOf(row)})`).join()}`,
      )
    },
    build: async () => {
      for (const model of modelsInOrder()) await buildOne(connection, model, built)
    },
    rows,
    close: () => {
      connection.closeSync()
      instance.closeSync()
    },
  }
}

async function buildOne(connection: DuckDBConnection, model: Model, built: Set<string>) {
  const table = `curated.${model.name}`
  const upkeep = upkeepOf(model)
  if (!upkeep) {
    await connection.run(
      `CREATE OR REPLACE VIEW ${table} AS ${inDuckDb(renderModel(model, PLACES))}`,
    )
  } else if (!built.has(model.name)) {
    await connection.run(`CREATE TABLE ${table} AS ${inDuckDb(renderModel(model, PLACES))}`)
    built.add(model.name)
  } else {
    const earlier: Built = { table, days: await changedDays(connection, model) }
    const sql = inDuckDb(renderModel(model, PLACES, earlier))
    await connection.run(`CREATE OR REPLACE TEMP TABLE fresh AS ${sql}`)
    await connection.run(`DELETE FROM ${table} AS old WHERE ${isReplaced(upkeep)}`)
    await connection.run(`INSERT INTO ${table} BY NAME SELECT * FROM fresh`)
  }
}

async function changedDays(connection: DuckDBConnection, model: Model): Promise<string[]> {
  const sources = changeSourcesOf(model)
  if (sources.length === 0) return []
  const query = changedDaysQuery(sources.map(PLACES.source), `curated.${model.name}`)
  const reader = await connection.runAndReadAll(inDuckDb(query))
  return reader.getRowObjectsJson().flatMap(({ day }) => (typeof day === 'string' ? day : []))
}

/** Rows that a merge, or new partitions, take the place of. */
function isReplaced({ strategy, uniqueKey, partition }: Upkeep): string {
  const same =
    strategy === 'merge'
      ? uniqueKey.map((column) => `fresh.${column} = old.${column}`).join(' AND ')
      : `day_of(fresh.${partition}) = day_of(old.${partition})`
  return `EXISTS (SELECT 1 FROM fresh WHERE ${same})`
}

function literal(value: unknown): string {
  if (value === null || value === undefined) return 'NULL'
  if (Array.isArray(value)) return `[${value.map(literal).join()}]`
  return typeof value === 'string' ? `'${value.replaceAll("'", "''")}'` : JSON.stringify(value)
}
