// Checks a table's partitioning and clustering. DuckDB needs neither: they are kept for what they forbid.

import { invalid, notImplemented } from '../values/errors.ts'
import type { Table, TableBody, TableSchema } from '../values/resources.ts'

const PARTITION_TYPES = ['HOUR', 'DAY', 'MONTH', 'YEAR']
const PARTITIONABLE_TYPES = ['TIMESTAMP', 'DATE', 'DATETIME']
const CLUSTERABLE_TYPES = new Set(
  'BIGNUMERIC BOOLEAN DATE DATETIME GEOGRAPHY INTEGER NUMERIC RANGE STRING TIMESTAMP'.split(' '),
)
const MAX_CLUSTERING_FIELDS = 4

/** The partitioning and clustering alone, as far as there are any. */
export const layoutOf = ({ timePartitioning, clustering }: TableBody) => ({
  ...(timePartitioning && { timePartitioning }),
  ...(clustering && { clustering }),
})

/** Throws 400 `invalid` where BigQuery does, 501 for partitioning by ingestion time. */
export function checkLayout({ timePartitioning, clustering }: TableBody, schema: TableSchema) {
  if (timePartitioning) {
    const { type, field } = timePartitioning
    if (!field) throw notImplemented('ingestion-time partitioning')
    if (!PARTITION_TYPES.includes(type))
      throw invalid(`Invalid value for type: ${type} of timePartitioning`)
    const column = columnOf(schema, field)
    if (!PARTITIONABLE_TYPES.includes(column.type) || column.mode === 'REPEATED')
      throw invalid(
        `The field specified for time partitioning can only be of type TIMESTAMP, DATE or DATETIME: ${field}`,
      )
  }
  const clustered = clustering?.fields ?? []
  if (clustered.length > MAX_CLUSTERING_FIELDS)
    throw invalid('At most four fields can be specified for clustering.')
  for (const name of clustered) {
    const { type, mode } = columnOf(schema, name)
    if (!CLUSTERABLE_TYPES.has(type) || mode === 'REPEATED')
      throw invalid(`Cannot cluster by the field ${name} of type ${type}`)
  }
}

/** Throws 400 `invalid` on another partitioning of a table that is there; its expiration may change. */
export function refuseLayoutChange(before: Table, after: TableBody) {
  const [old, next] = [before.timePartitioning, after.timePartitioning]
  if (old?.field !== next?.field || old?.type !== next?.type)
    throw invalid('Cannot change partitioning spec for a partitioned table.')
}

function columnOf(schema: TableSchema, name: string) {
  const field = schema.fields.find((known) => known.name.toLowerCase() === name.toLowerCase())
  if (!field)
    throw invalid(`The field specified for partitioning or clustering cannot be found: ${name}`)
  return field
}
