// Builds every model on a local BigQuery from the text of its file, for tests on machines where dbt is not installed.

import type { BigQuery } from '@google-cloud/bigquery'
import { groupBy } from '#runtime/group-by'
import type { StagedRow } from './lives.ts'
import { modelsInOrder, type Places, renderModel } from './models.ts'

/** The dataset of the models, as dbt has it by default. */
export const CURATED = 'curated'

const IN_DATASETS: Places = {
  ref: (model) => `${CURATED}.${model}`,
  source: (table) => `streaming.${table}`,
}

/** Makes a table of each model from its query, which is what a build from nothing does. */
export async function buildModels(bigquery: BigQuery): Promise<void> {
  await bigquery.createDataset(CURATED)
  for (const model of modelsInOrder())
    await bigquery.query(
      `CREATE TABLE ${CURATED}.${model.name} AS ${renderModel(model, IN_DATASETS)}`,
    )
}

/**
 * One query that builds a model and all those it is made of.
 * @param source the query that stands for each table
 */
export function queryOf(name: string, source: (table: string) => string): string {
  const models = modelsInOrder()
  const last = models.findIndex((model) => model.name === name)
  const parts = models.slice(0, last + 1).map((model) => {
    const places: Places = { ref: (other) => other, source: (table) => `(${source(table)})` }
    return `${model.name} AS (${renderModel(model, places)})`
  })
  return `WITH ${parts.join(',\n')}\nSELECT * FROM ${name}`
}

/** Streams the rows into their tables. */
export async function stageRows(bigquery: BigQuery, rows: readonly StagedRow[]): Promise<void> {
  for (const [table, own] of groupBy(rows, (one) => one.table))
    await bigquery
      .dataset('streaming')
      .table(table)
      .insert(own.map(({ row }) => row))
}
