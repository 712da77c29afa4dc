// Everything that tables and histories say, as text, for tests that search for what must not be there.

import type { BigQuery } from '@google-cloud/bigquery'
import type { Client } from '@temporalio/client'
import { DATASET, TABLES } from '#contracts'
import { decodeBatch } from '#contracts/batch-payload'
import { rowsOf } from './parts.ts'

/** Every row of every table, by the name of the table; bytes are text. */
export async function everyRow(bigquery: BigQuery): Promise<Map<string, Record<string, string>[]>> {
  const tables = new Map<string, Record<string, string>[]>()
  for (const { name } of TABLES) {
    const rows = await rowsOf(bigquery, `SELECT * FROM ${DATASET}.${name}`)
    tables.set(name, rows.map(asText))
  }
  return tables
}

const asText = (row: Record<string, unknown>) =>
  Object.fromEntries(Object.entries(row).map(([name, value]) => [name, textOf(value)]))

const textOf = (value: unknown): string =>
  Buffer.isBuffer(value) ? value.toString('utf8') : JSON.stringify(value ?? null)

/** The whole of each run that Temporal has, by workflow and run id, with its batches unpacked. */
export async function everyHistory(client: Client): Promise<Map<string, string>> {
  const runs = new Map<string, string>()
  for await (const { workflowId, runId, memo, searchAttributes, raw } of client.workflow.list()) {
    const history = await client.workflow
      .getHandle(workflowId, runId)
      .fetchHistory()
      .catch(() => null)
    if (!history) continue
    const texts: string[] = [workflowId, JSON.stringify([memo, searchAttributes])]
    collect([history, raw.memo], texts)
    runs.set(`${workflowId} ${runId}`, texts.join('\n'))
  }
  return runs
}

function collect(value: unknown, texts: string[]): void {
  if (typeof value === 'string') texts.push(value)
  else if (value instanceof Uint8Array) texts.push(...textsIn(value))
  else if (typeof value === 'object' && value !== null)
    for (const inner of Object.values(value)) collect(inner, texts)
}

/** The bytes as text, and those of the messages where they are a batch. */
function textsIn(bytes: Uint8Array): string[] {
  const own = Buffer.from(bytes).toString('utf8')
  try {
    return [own, ...decodeBatch(bytes).map(({ data }) => Buffer.from(data).toString('utf8'))]
  } catch {
    return [own]
  }
}
