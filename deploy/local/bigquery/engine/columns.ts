// The columns of a DuckDB table: their definitions, and the changes BigQuery allows to them.

import type { DuckDBConnection } from '@duckdb/node-api'
import { translateExpression } from '../sql/translate.ts'
import { ApiError, invalid, messageOf } from '../values/errors.ts'
import { quoteName } from '../values/names.ts'
import type { FieldSchema } from '../values/resources.ts'
import { columnSql } from '../values/types.ts'

/** A field as a column of CREATE TABLE. */
export function columnDefinition(field: FieldSchema) {
  const { defaultValueExpression: expression, mode } = field
  const required = mode === 'REQUIRED' ? ' NOT NULL' : ''
  return `${bareColumn(field)}${required}${expression ? ` DEFAULT (${translateExpression(expression)})` : ''}`
}

/** Adds a column; rows already there get NULL in it, whatever its default, as in BigQuery. */
export async function addColumn(connection: DuckDBConnection, table: string, field: FieldSchema) {
  await connection.run(`ALTER TABLE ${table} ADD COLUMN ${bareColumn(field)}`)
  if (field.defaultValueExpression) await setDefault(connection, table, field)
}

/** Makes a REQUIRED column NULLABLE. */
export const relaxColumn = (connection: DuckDBConnection, table: string, { name }: FieldSchema) =>
  connection.run(`ALTER TABLE ${table} ALTER COLUMN ${quoteName(name)} DROP NOT NULL`)

/** Sets the column's default for rows to come, or takes it away. */
export async function setDefault(connection: DuckDBConnection, table: string, field: FieldSchema) {
  await checkDefault(connection, field)
  const { name, defaultValueExpression: expression } = field
  const action = expression ? `SET DEFAULT (${translateExpression(expression)})` : 'DROP DEFAULT'
  await connection.run(`ALTER TABLE ${table} ALTER COLUMN ${quoteName(name)} ${action}`)
}

/** Throws 400 `invalid` if the field's default is no expression of its type. */
export async function checkDefault(connection: DuckDBConnection, field: FieldSchema) {
  const { name, defaultValueExpression: expression } = field
  if (!expression) return
  try {
    await connection.run(`SELECT CAST(${translateExpression(expression)} AS ${columnSql(field)})`)
  } catch (error) {
    if (error instanceof ApiError) throw error
    throw invalid(`Invalid default value expression for field ${name}: ${messageOf(error)}`)
  }
}

const bareColumn = (field: FieldSchema) => `${quoteName(field.name)} ${columnSql(field)}`
