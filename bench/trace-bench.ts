// How long `npm run trace` takes on a local BigQuery with a million audited events.
//
// node --import tsx bench/trace-bench.ts [events]

import { rm } from 'node:fs/promises'
import { performance } from 'node:perf_hooks'
import type { BigQuery } from '@google-cloud/bigquery'
import { DATASET } from '#contracts'
import { createBigQuery } from '#runtime/bigquery'
import { runMain } from '#runtime/main'
import { setUpTables } from '../cli/setup/tables.ts'
import { reachTemporal } from '../cli/trace/runs.ts'
import { type Traced, trace } from '../cli/trace.ts'
import { stackDir } from '../deploy/local/paths.ts'
import { nodeCommand, startProcess } from '../deploy/local/process.ts'
import { startStack } from '../deploy/local/stack.ts'

const EVENTS = Number(process.argv[2] ?? 1_000_000)
const DAYS = 30
const PARTNERS = 200
const EVENTS_A_BATCH = 1000
const REPEATS = 20

const dataDir = `${stackDir}/trace-bench`

/** One purchase in every row: its day, its partner and its batch follow from its number. */
const ORIGIN = `CONCAT('m', CAST(n AS STRING)) AS message_id,
  TIMESTAMP_MILLIS(@first + CAST(n * @step AS INT64)) AS publish_time,
  CONCAT('batch-', CAST(DIV(n, ${EVENTS_A_BATCH}) AS STRING)) AS batch_id,
  TIMESTAMP_MILLIS(@first + CAST(n * @step AS INT64) + 2100) AS ingested_at`
const IDENTITY = `CONCAT('e', CAST(n AS STRING)) AS event_id,
  CONCAT('dealer-', CAST(MOD(n, ${PARTNERS}) AS STRING)) AS partner_id,
  'purchase' AS type, CONCAT('O', CAST(n AS STRING)) AS order_id`
const COLUMNS: Readonly<Record<string, string>> = {
  audit_log: `${ORIGIN}, ${IDENTITY}, CAST(CONCAT('{"order_id":"O', CAST(n AS STRING), '"}') AS BYTES) AS data,
  PARSE_JSON('{"partner_id":"dealer-7"}') AS attributes, 0 AS part, 1 AS parts, 'accepted' AS decision`,
  staging_purchase: `${ORIGIN}, ${IDENTITY}, 'C1' AS customer_id, 'SUV' AS car_model,
  CAST(45000 AS NUMERIC) AS amount, TIMESTAMP_MILLIS(@first) AS timestamp`,
  activation_log: `${ORIGIN}, ${IDENTITY}, 'accepted' AS outcome,
  CONCAT('car-events:', CAST(n AS STRING)) AS segment_message_id`,
}

async function fill(bigquery: BigQuery): Promise<void> {
  const first = Date.now() - DAYS * 86_400_000
  const step = Math.floor((DAYS * 86_400_000) / EVENTS)
  for (const [table, columns] of Object.entries(COLUMNS)) {
    const names = Array.from(columns.matchAll(/ AS (\w+)(?:,|$)/g), ([, name]) => name).join(', ')
    const query = `INSERT INTO ${DATASET}.${table} (${names})
SELECT ${columns} FROM UNNEST(GENERATE_ARRAY(0, ${EVENTS - 1})) AS n`
    await bigquery.query({ query, params: { first, step } })
  }
}

type Measured = { readonly id: string; readonly p50: number; readonly max: number }

async function measure(id: string, once: () => Promise<Traced>): Promise<Measured> {
  const times: number[] = []
  for (let i = 0; i < REPEATS; i++) {
    const start = performance.now()
    const { found, traces } = await once()
    times.push(performance.now() - start)
    if (!found || !traces[0]?.answer.includes('accepted by Segment')) {
      throw new Error(`${id} is not traced: ${JSON.stringify(traces)}`)
    }
  }
  const sorted = times.toSorted((a, b) => a - b)
  return { id, p50: Math.round(sorted[REPEATS / 2] ?? 0), max: Math.round(sorted.at(-1) ?? 0) }
}

async function measureCommand(args: readonly string[], env: Readonly<Record<string, string>>) {
  const start = performance.now()
  const command = nodeCommand('cli/main.ts', 'trace', ...args)
  const child = await startProcess({ name: 'trace', command, logDir: `${dataDir}/logs`, env })
  const { code } = await child.exited
  return { command: args.join(' '), code, ms: Math.round(performance.now() - start) }
}

await runMain(async () => {
  await rm(dataDir, { recursive: true, force: true })
  const stack = await startStack({ dataDir, services: ['temporal', 'bigquery'] })
  try {
    const env = { ...stack.env, GOOGLE_CLOUD_PROJECT: 'local' }
    Object.assign(process.env, env)
    const bigquery = createBigQuery({
      GOOGLE_CLOUD_PROJECT: 'local',
      BIGQUERY_EMULATOR_HOST: stack.bigquery.url,
    })
    await setUpTables(bigquery, 'EU')
    await fill(bigquery)
    const temporal = reachTemporal()
    const n = Math.floor(EVENTS * 0.7)
    for (const id of [`O${n}`, `e${n}`, `m${n}`]) {
      const result = await measure(id, () => trace(bigquery, temporal, { id }))
      process.stdout.write(`${JSON.stringify({ events: EVENTS, ...result })}\n`)
    }
    await temporal.close()
    for (const args of [[`O${n}`], [`m${n}`], [`O${n}`, '--partner', `dealer-${n % PARTNERS}`]])
      process.stdout.write(`${JSON.stringify(await measureCommand(args, env))}\n`)
  } finally {
    await stack.stop()
    await rm(dataDir, { recursive: true, force: true })
  }
})
