// The columns of a DuckDB table: their definitions, and the changes BigQuery allows to them.

import type { DuckDBConnection } from '@duckdb/node-api'
import { ApiError, invalid, invalidQuery } from '../values/errors.ts'
import { quoteName } from '../values/names.ts'
import type { FieldSchema } from '../values/resources.ts'
import { columnSql } from '../values/types.ts'
import type { Prepare } from './prepare.ts'
import { fromDuckDb } from './query-errors.ts'

/** A field as a column of CREATE TABLE, with the default that `defaultSql` gives. */
export function columnDefinition(field: FieldSchema, expression: string | undefined) {
  const required = field.mode === 'REQUIRED' ? ' NOT NULL' : ''
  return `${bareColumn(field)}${required}${expression ? ` DEFAULT (${expression})` : ''}`
}

/** Adds a column; rows already there get NULL in it, whatever its default, as in BigQuery. */
export const addColumn = (connection: DuckDBConnection, table: string, field: FieldSchema) =>
  connection.run(`ALTER TABLE ${table} ADD COLUMN ${bareColumn(field)}`)

/** Makes a REQUIRED column NULLABLE. */
export const relaxColumn = (connection: DuckDBConnection, table: string, { name }: FieldSchema) =>
  connection.run(`ALTER TABLE ${table} ALTER COLUMN ${quoteName(name)} DROP NOT NULL`)

/** Sets the column's default for rows to come, or takes it away. */
export const setDefault = (
  connection: DuckDBConnection,
  table: string,
  { name }: FieldSchema,
  expression: string | undefined,
) => {
  const action = expression ? `SET DEFAULT (${expression})` : 'DROP DEFAULT'
  return connection.run(`ALTER TABLE ${table} ALTER COLUMN ${quoteName(name)} ${action}`)
}

/** The field's default in DuckDB's SQL; throws 400 `invalid` if it is no expression of its type. */
export async function defaultSql(
  prepare: Prepare,
  connection: DuckDBConnection,
  field: FieldSchema,
): Promise<string | undefined> {
  const { name, defaultValueExpression: expression } = field
  if (!expression) return undefined
  try {
    const sql = await expressionSql(prepare, expression)
    await connection.run(`SELECT CAST(${sql} AS ${columnSql(field)})`)
    return sql
  } catch (error) {
    if (error instanceof ApiError && error.code === 501) throw error
    const told = error instanceof ApiError ? error : fromDuckDb(error, expression)
    throw invalid(`Invalid default value expression for field ${name}: ${told.message}`)
  }
}

/** An expression without columns in DuckDB's SQL; throws what `prepare` throws. */
export async function expressionSql(prepare: Prepare, expression: string): Promise<string> {
  const { value } = await prepare({ query: `SELECT ${expression} AS value` })
  if (value === undefined) throw invalidQuery(`${expression} is not an expression`)
  return value
}

const bareColumn = (field: FieldSchema) => `${quoteName(field.name)} ${columnSql(field)}`
