// Asks the local BigQuery and GoogleSQL's reference implementation the same queries, and compares.

import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import pLimit from 'p-limit'
import { startLocalBigQuery } from '../../../deploy/local/bigquery/api/server.ts'
import { ensureAnalyzer } from '../../../deploy/local/tools.ts'
import type { Params } from '../../../warehouse/read.ts'
import { clientOf } from '../sql-cases/client.ts'
import { fillPipelineTables } from '../sql-cases/tables.ts'
import type { Answer } from './answer.ts'
import { compare, refusalIn, type Verdict } from './compare.ts'
import { type Asked, askLocal, fillLocal, type Send, sendTo } from './local.ts'
import { referenceParameters, restParameters } from './parameters.ts'
import { pipelineReference, withoutDataset } from './pipeline.ts'
import type { Query } from './queries.ts'
import { startReference } from './start-reference.ts'
import { TABLES } from './tables.ts'

export type Oracle = {
  /** Of a query over the tables of tables.ts. */
  readonly judge: (query: Pick<Query, 'sql' | 'ordered'>) => Promise<Verdict>
  /** Of a query over the pipeline's tables and views, whose rows come in any order. */
  readonly judgePipeline: (sql: string, params?: Params) => Promise<Verdict>
  readonly stop: () => Promise<void>
}

const dataset = 'oracle'

/** Starts a local BigQuery of its own. */
export async function startOracle(): Promise<Oracle> {
  const thread = startReference(await ensureAnalyzer())
  const { send, url, stop } = await startLocal()
  await fillLocal(send, dataset, TABLES)
  await fillPipelineTables(clientOf(url))
  const reference = await thread.open(TABLES)
  const ofPipeline = await pipelineReference(send, thread.open)
  // While the reference computes, the server answers other queries.
  const limit = pLimit(4)
  return {
    judge: ({ sql, ordered }) =>
      limit(async () => {
        const asked = { query: sql, defaultDataset: { datasetId: dataset } }
        return judge({ send, asked, ordered }, () => reference(sql))
      }),
    judgePipeline: (sql, params = {}) =>
      limit(async () => {
        const asked = { query: sql, queryParameters: restParameters(params) }
        return judge({ send, asked, ordered: false }, () =>
          ofPipeline(withoutDataset(sql), referenceParameters(params)),
        )
      }),
    stop: async () => {
      await thread.stop()
      await stop()
    },
  }
}

type Local = { readonly send: Send; readonly asked: Asked; readonly ordered: boolean }

async function judge({ send, asked, ordered }: Local, evaluate: () => Promise<Answer>) {
  const answer = await askLocal(send, asked)
  return refusalIn(answer) ?? compare(answer, await evaluate(), ordered)
}

const testFolder = new URL('../../../.stack/test/', import.meta.url).pathname

async function startLocal() {
  mkdirSync(testFolder, { recursive: true })
  const folder = mkdtempSync(join(testFolder, 'oracle-'))
  const file = join(folder, 'bigquery.duckdb')
  const server = await startLocalBigQuery({ file })
  return {
    url: server.url,
    send: sendTo(`${server.url}/bigquery/v2`),
    stop: async () => {
      await server.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
