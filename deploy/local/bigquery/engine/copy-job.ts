// A copy job: writes the rows of tables of the same schema into another table.

import { invalid, notImplemented } from '../values/errors.ts'
import type { CopyRequest, Table } from '../values/resources.ts'
import type { Catalog } from './catalog.ts'
import type { JobTask } from './jobs.ts'
import { duckdbName } from './sources.ts'
import type { TableDeps } from './table-changes.ts'
import { layoutOf } from './table-layout.ts'
import { writeTable } from './write-table.ts'

export const copyTask = (deps: TableDeps, copy: CopyRequest): JobTask => ({
  jobType: 'COPY',
  configuration: { copy },
  run: async () => {
    const { destinationTable, createDisposition, writeDisposition = 'WRITE_EMPTY' } = copy
    const [first, ...others] = sourcesOf(deps.catalog, copy)
    if (!first) throw invalid('A copy job needs a source table.')
    const disposition = { createDisposition, writeDisposition }
    let outputRows = 0
    await writeTable(
      deps,
      { ...destinationTable, ...disposition, body: { schema: first.schema, ...layoutOf(first) } },
      async (connection, table) => {
        for (const source of [first, ...others]) {
          refuseOtherSchema(source, table)
          const rows = `SELECT * FROM ${duckdbName(source.tableReference)}`
          const copied = await connection.runAndReadAll(
            `INSERT INTO ${duckdbName(table.tableReference)} ${rows}`,
          )
          outputRows += Number(copied.getRows()[0]?.[0] ?? 0)
        }
      },
    )
    return { fields: [], totalRows: 0, outputRows }
  },
})

function sourcesOf(
  catalog: Catalog,
  { sourceTable, sourceTables = [], operationType }: CopyRequest,
) {
  if (operationType && operationType !== 'COPY')
    throw notImplemented(`copy jobs of the type ${operationType}`)
  return [...(sourceTable ? [sourceTable] : []), ...sourceTables].map(({ datasetId, tableId }) => {
    const table = catalog.table(datasetId, tableId)
    if (table.type === 'VIEW')
      throw invalid(`${datasetId}.${tableId} is a VIEW, and views cannot be copied.`)
    return table
  })
}

const columnsOf = ({ schema }: Table) =>
  schema.fields.map(({ name, type }) => `${name.toLowerCase()} ${type}`).join()

function refuseOtherSchema(source: Table, target: Table) {
  if (columnsOf(source) !== columnsOf(target))
    throw invalid(`Provided Schema does not match Table ${target.tableReference.tableId}.`)
}
