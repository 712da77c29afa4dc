// A query job: runs the statement, and writes the rows of a query into the destination table where one is named.

import { invalid } from '../values/errors.ts'
import { quoteName } from '../values/names.ts'
import type { FieldSchema } from '../values/resources.ts'
import type { JobResult, JobTask } from './jobs.ts'
import { isScript, runScript } from './script.ts'
import { type QueryRequest, runStatement, type StatementDeps } from './statements.ts'
import { writeTable } from './write-table.ts'

/** The dataset under whose name the results of queries without a destination can be read. */
export const RESULTS_DATASET = '_results'

export const queryTask = (deps: StatementDeps, query: QueryRequest): JobTask => ({
  jobType: 'QUERY',
  configuration: { query },
  run: async (resultName) => {
    const run = isScript(query.query) ? runScript : runStatement
    const result = await run(deps, query, resultName)
    if (query.destinationTable) await writeResult(deps, query, result)
    return result
  },
})

async function writeResult(
  deps: StatementDeps,
  { destinationTable, createDisposition, writeDisposition = 'WRITE_EMPTY' }: QueryRequest,
  { resultTable, fields }: JobResult,
) {
  if (!destinationTable || !resultTable)
    throw invalid('A destination table is for a query alone, not for DDL or DML.')
  const disposition = { createDisposition, writeDisposition }
  await writeTable(
    deps,
    { ...destinationTable, ...disposition, body: { schema: { fields: [...fields] } } },
    async (connection, table) => {
      refuseOtherFields(fields, table.schema.fields, destinationTable.tableId)
      const columns = fields.map(({ name }) => quoteName(name)).join(', ')
      const { datasetId, tableId } = table.tableReference
      const target = `${quoteName(datasetId)}.${quoteName(tableId)}`
      await connection.run(
        `INSERT INTO ${target} (${columns}) SELECT ${columns} FROM ${resultTable}`,
      )
    },
  )
}

/** @throws 400 `invalid` where the table lacks a column, or has it with another type */
function refuseOtherFields(
  fields: readonly FieldSchema[],
  present: readonly FieldSchema[],
  table: string,
) {
  const types = new Map(present.map(({ name, type }) => [name.toLowerCase(), type]))
  for (const { name, type } of fields) {
    const own = types.get(name.toLowerCase())
    if (own === type) continue
    const why =
      own === undefined
        ? `Cannot add fields (field: ${name})`
        : `Field ${name} has changed type from ${own} to ${type}`
    throw invalid(`Provided Schema does not match Table ${table}. ${why}`)
  }
}
