// How long `npm run trace` takes on a local BigQuery with a million audited events: the look-up, and the whole command.
//
// node --import tsx/esm bench/trace-bench.ts [events]

import { execFile } from 'node:child_process'
import { rm } from 'node:fs/promises'
import { performance } from 'node:perf_hooks'
import { promisify } from 'node:util'
import type { BigQuery } from '@google-cloud/bigquery'
import { DATASET } from '#contracts'
import { setUpTables } from '#operations/setup/tables'
import { reachTemporal } from '#operations/trace/runs'
import { trace } from '#operations/trace/trace'
import { wallClock, wallClockMs } from '#runtime/clock'
import { runMain } from '#runtime/main'
import { createBigQuery } from '#warehouse/client'
import { createReader, type Reader } from '#warehouse/read'
import { worded } from '../cli/trace/wording.ts'
import { repoDir, stackDir } from '../deploy/local/paths.ts'
import { startStack } from '../deploy/local/stack.ts'
import { median } from './statistics.ts'

const EVENTS = Number(process.argv[2] ?? 1_000_000)
const DAYS = 30
const PARTNERS = 200
const EVENTS_A_BATCH = 1000
const LOOK_UPS = 20
const COMMANDS = 10
const NOW = `${wallClock().toISOString().slice(0, 23)}000Z`

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
  const first = wallClockMs() - DAYS * 86_400_000
  const step = Math.floor((DAYS * 86_400_000) / EVENTS)
  for (const [table, columns] of Object.entries(COLUMNS)) {
    const names = Array.from(columns.matchAll(/ AS (\w+)(?:,|$)/g), ([, name]) => name).join(', ')
    const query = `INSERT INTO ${DATASET}.${table} (${names})
SELECT ${columns} FROM UNNEST(GENERATE_ARRAY(0, ${EVENTS - 1})) AS n`
    await bigquery.query({ query, params: { first, step } })
  }
}

/** @param ask must end with an answer that names what became of the event */
async function measure(what: string, repeats: number, ask: () => Promise<string>): Promise<void> {
  const times: number[] = []
  for (let i = 0; i < repeats; i++) {
    const start = performance.now()
    const answer = await ask()
    times.push(performance.now() - start)
    if (!answer.includes('accepted by Segment')) throw new Error(`${what} is not traced: ${answer}`)
  }
  const [p50, max] = [median(times), Math.max(...times)].map(Math.round)
  process.stdout.write(`${JSON.stringify({ events: EVENTS, what, repeats, p50, max })}\n`)
}

const run = promisify(execFile)

async function command(args: readonly string[]): Promise<string> {
  return (await run('npm', ['run', '-s', 'trace', '--', ...args], { cwd: repoDir })).stdout
}

async function measureAll(read: Reader): Promise<void> {
  const n = Math.floor(EVENTS * 0.7)
  const temporal = reachTemporal()
  for (const id of [`O${n}`, `e${n}`, `m${n}`]) {
    const lookUp = async () =>
      worded(await trace(read, temporal, { id }), NOW).traces[0]?.answer ?? 'nothing'
    await measure(`look-up of ${id}`, LOOK_UPS, lookUp)
  }
  await temporal.close()
  for (const args of [[`O${n}`], [`m${n}`], [`O${n}`, '--partner', `dealer-${n % PARTNERS}`]])
    await measure(`npm run trace -- ${args.join(' ')}`, COMMANDS, () => command(args))
}

await runMain(async () => {
  await rm(dataDir, { recursive: true, force: true })
  const stack = await startStack({ dataDir, services: ['temporal', 'bigquery'] })
  try {
    Object.assign(process.env, stack.env, { GOOGLE_CLOUD_PROJECT: 'local' })
    const bigquery = createBigQuery({
      GOOGLE_CLOUD_PROJECT: 'local',
      BIGQUERY_EMULATOR_HOST: stack.bigquery.url,
    })
    await setUpTables(bigquery, 'EU')
    await fill(bigquery)
    await measureAll(createReader(bigquery))
  } finally {
    await stack.stop()
    await rm(dataDir, { recursive: true, force: true })
  }
})
