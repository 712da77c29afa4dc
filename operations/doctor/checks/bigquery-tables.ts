// Compares the dataset, the tables and the views in BigQuery with the definition in contracts/.

import type { BigQuery, TableMetadata } from '@google-cloud/bigquery'
import { DATASET, TABLES, VIEWS } from '#contracts'
import { codeOf, HTTP } from '#runtime/status-codes'
import { toBigQueryError } from '#warehouse/bigquery-error'
import { error, type Finding, type Report } from '../finding.ts'
import { judgeDataset, judgeTable, judgeView } from '../judge-table.ts'
import type { Site } from '../site.ts'

export async function checkBigQueryTables(site: Site): Promise<Report> {
  const bigquery = await site.bigquery()
  try {
    const dataset = await unlessMissing(() => bigquery.dataset(DATASET).getMetadata())
    const findings = dataset
      ? [
          ...judgeDataset(dataset, site.config.BIGQUERY_LOCATION),
          ...(await checkContents(bigquery)),
        ]
      : [missing(`dataset ${DATASET}`)]
    const seen = `${TABLES.length} tables and ${VIEWS.length} views, column by column`
    return { seen, findings }
  } catch (failure) {
    throw toBigQueryError(failure, bigquery)
  }
}

async function checkContents(bigquery: BigQuery): Promise<Finding[]> {
  const read = (name: string) =>
    unlessMissing(() => bigquery.dataset(DATASET).table(name).getMetadata())
  const tables = TABLES.map(async (table) => {
    const metadata = await read(table.name)
    return metadata ? judgeTable(table, metadata) : [missing(`table ${DATASET}.${table.name}`)]
  })
  const views = VIEWS.map(async (view) => {
    const metadata = await read(view.name)
    return metadata ? judgeView(view, metadata) : [missing(`view ${DATASET}.${view.name}`)]
  })
  return (await Promise.all([...tables, ...views])).flat()
}

const missing = (where: string) => error(where, 'It does not exist.', 'Run `npm run setup`.')

async function unlessMissing(
  read: () => Promise<[TableMetadata, ...unknown[]]>,
): Promise<TableMetadata | null> {
  try {
    const [metadata] = await read()
    return metadata
  } catch (failure) {
    if (codeOf(failure) === HTTP.NOT_FOUND) return null
    throw failure
  }
}
