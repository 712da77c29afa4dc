// Judges what BigQuery says of a table, a view or the dataset against the definition.

import { z } from 'zod'
import { type Column, DATASET, type Table, type View } from '#contracts'
import { error, type Finding, warning } from './finding.ts'

const SETUP = 'Run `npm run setup`.'
const REPLACE =
  'BigQuery cannot change this: copy the rows into a table that `npm run setup` makes.'

/** BigQuery gives durations in milliseconds, as text. */
const milliseconds = z.coerce.number().optional()

const field = z.object({
  name: z.string(),
  type: z.string(),
  mode: z.string().default('NULLABLE'),
})

const tableMetadata = z.object({
  schema: z.object({ fields: z.array(field).default([]) }).default({ fields: [] }),
  timePartitioning: z
    .object({
      type: z.string(),
      field: z.string().optional(),
      expirationMs: milliseconds,
      requirePartitionFilter: z.boolean().optional(),
    })
    .optional(),
  requirePartitionFilter: z.boolean().optional(),
  clustering: z.object({ fields: z.array(z.string()) }).optional(),
  expirationTime: milliseconds,
  view: z.object({ query: z.string() }).optional(),
})

type Field = z.output<typeof field>
type TableMetadata = z.output<typeof tableMetadata>

/** @param metadata as BigQuery's REST API has it. Pure. */
export function judgeTable(table: Table, metadata: unknown): Finding[] {
  const where = `table ${DATASET}.${table.name}`
  const actual = tableMetadata.parse(metadata)
  return [
    ...judgeColumns(where, table.columns, actual.schema.fields),
    ...judgeLayout(where, table, actual),
    ...judgeExpiration(where, actual),
  ]
}

function judgeColumns(
  where: string,
  columns: readonly Column[],
  fields: readonly Field[],
): Finding[] {
  const byName = new Map(fields.map((one) => [one.name, one]))
  const known = new Set(columns.map(({ name }) => name))
  const foreign = fields.filter(({ name, mode }) => !known.has(name) && mode === 'REQUIRED')
  return [
    ...columns.flatMap((column) => judgeColumn(where, column, byName.get(column.name))),
    ...foreign.map(({ name }) =>
      error(
        where,
        `It requires the column ${name}, which the pipeline does not write: every row is refused.`,
        `ALTER TABLE ${DATASET}.… ALTER COLUMN ${name} DROP NOT NULL`,
      ),
    ),
  ]
}

/** `npm run setup` adds a required column as a nullable one, because BigQuery takes no other. */
function judgeColumn(where: string, column: Column, actual: Field | undefined): Finding[] {
  const { name, type, mode } = column
  if (!actual) return [error(where, `The column ${name} is missing.`, SETUP)]
  if (actual.type !== type)
    return [error(where, `The column ${name} is ${actual.type} and should be ${type}.`, REPLACE)]
  if (actual.mode === mode || (mode === 'REQUIRED' && actual.mode === 'NULLABLE')) return []
  const what = `The column ${name} is ${actual.mode} and should be ${mode}.`
  return [error(where, what, actual.mode === 'REQUIRED' ? dropNotNull(where, name) : REPLACE)]
}

const dropNotNull = (where: string, name: string) =>
  `ALTER TABLE ${where.replace('table ', '')} ALTER COLUMN ${name} DROP NOT NULL`

function judgeLayout(where: string, table: Table, actual: TableMetadata): Finding[] {
  const { timePartitioning, clustering } = actual
  const findings: Finding[] = []
  if (timePartitioning?.type !== 'DAY' || timePartitioning.field !== table.partitionBy)
    findings.push(
      error(
        where,
        `It is not partitioned by day of ${table.partitionBy}: queries cost more.`,
        REPLACE,
      ),
    )
  if (actual.requirePartitionFilter || timePartitioning?.requirePartitionFilter)
    findings.push(
      error(
        where,
        'It requires a filter of partitions, so that the views and SELECT * are refused.',
        `bq update --norequire_partition_filter ${DATASET}.${table.name}`,
      ),
    )
  if (clustering?.fields.join() !== table.clusterBy.join())
    findings.push(
      warning(
        where,
        `It is not clustered by ${table.clusterBy.join(', ')}: queries cost more.`,
        `bq update --clustering_fields=${table.clusterBy.join()} ${DATASET}.${table.name}`,
      ),
    )
  return findings
}

function judgeExpiration(where: string, actual: TableMetadata): Finding[] {
  const { expirationTime, timePartitioning } = actual
  const name = where.replace('table ', '')
  const findings: Finding[] = []
  if (expirationTime)
    findings.push(
      error(
        where,
        `BigQuery deletes it at ${new Date(expirationTime).toISOString()}.`,
        `bq update --expiration 0 ${name}`,
      ),
    )
  const days = (timePartitioning?.expirationMs ?? 0) / DAY_MS
  if (days > 0)
    findings.push(
      warning(
        where,
        `BigQuery deletes its rows after ${days} days: neither a replay nor the reconciliation finds them then.`,
        `bq update --time_partitioning_expiration 0 ${name}, or keep it where this is wanted.`,
      ),
    )
  return findings
}

const DAY_MS = 86_400_000

/** Pure. */
export function judgeView({ name, query }: View, metadata: unknown): Finding[] {
  const where = `view ${DATASET}.${name}`
  const { view } = tableMetadata.parse(metadata)
  if (!view) return [error(where, 'It is no view.', `Delete it, and run \`npm run setup\`.`)]
  return view.query === query ? [] : [error(where, 'Its SQL is of another version.', SETUP)]
}

const datasetMetadata = z.object({
  location: z.string().optional(),
  defaultTableExpirationMs: milliseconds,
  defaultPartitionExpirationMs: milliseconds,
})

/** @param location what BIGQUERY_LOCATION says. Pure. */
export function judgeDataset(metadata: unknown, location: string): Finding[] {
  const where = `dataset ${DATASET}`
  const actual = datasetMetadata.parse(metadata)
  const findings: Finding[] = []
  if (actual.location !== undefined && actual.location.toUpperCase() !== location.toUpperCase())
    findings.push(
      warning(
        where,
        `It is in ${actual.location}, and BIGQUERY_LOCATION says ${location}.`,
        `Set BIGQUERY_LOCATION=${actual.location}.`,
      ),
    )
  if (actual.defaultTableExpirationMs || actual.defaultPartitionExpirationMs)
    findings.push(
      error(
        where,
        'New tables or their rows are deleted after a while, by the default of the dataset.',
        `bq update --default_table_expiration 0 --default_partition_expiration 0 ${DATASET}`,
      ),
    )
  return findings
}
