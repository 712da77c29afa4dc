// The erasure of a person, while the pipeline runs: nothing of the person is left anywhere, and nothing of anybody else is changed.

import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { beforeAll, expect, test } from '@jest/globals'
import { everyHistory, everyRow } from '../support/everything.ts'
import {
  clearFaults,
  failCalls,
  flushStreamingBuffer,
  regulationsAt,
  rowsOf,
} from '../support/parts.ts'
import { usePipeline } from '../support/pipeline.ts'
import { waitFor } from '../support/wait-for.ts'
import { runWarmCommand } from '../support/warm-command/run.ts'

/** Histories are not encrypted here: those hold persons in clear. */
const pipeline = usePipeline({ PAYLOAD_KEYS: '' })

const PARTNER = 'dealer-7'
const REFUSED = 'refused by Segment'

/** The customer has signs that JSON escapes, and so do the words by which the customer is known. */
const CUSTOMER = 'Müller-7731'
const PERSON = {
  customer_id: CUSTOMER,
  email: 'erika.mueller@example.com',
  phone: '+49 171 5550199',
  vehicle: { vin: 'WVWZZZ1JZXW000177' },
  owner_name: 'Erika Mustermann',
}
const ORDERS = ['ORD-ERIKA-1', 'ORD-ERIKA-2', 'ORD-ERIKA-3', 'ORD-ERIKA-4']
const WORDS = [
  CUSTOMER,
  'M\\u00fcller-7731',
  PERSON.email,
  PERSON.phone,
  PERSON.vehicle.vin,
  'Mustermann',
  'ORD-ERIKA',
]

/** A customer whose id begins in the same way. */
const OTHER = { customer_id: 'Müller-77310', email: 'other@example.com', phone: '+49 171 5550200' }

const event = (own: object) => ({
  type: 'purchase',
  car_model: 'SUV',
  amount: 45000,
  currency: 'EUR',
  timestamp: new Date(Date.now() - 60_000).toISOString(),
  ...own,
})
const cancellation = (own: object) => ({
  ...event(own),
  type: 'cancellation',
  amount: undefined,
  reason: 'changed her mind',
})
const toMessage = (data: object | string, attributes = {}) => ({
  data: Buffer.from(typeof data === 'string' ? data : JSON.stringify(data)),
  attributes: { partner_id: PARTNER, ...attributes },
})
const asciiOf = (data: object) => JSON.stringify(data).replaceAll('ü', '\\u00fc')

const [FIRST, SECOND, THIRD, FOURTH] = ORDERS
const purchased = event({ ...PERSON, order_id: FIRST, event_id: 'erika-1' })

const OF_PERSON = [
  toMessage(purchased),
  toMessage(purchased, { note: `again for ${CUSTOMER}` }),
  toMessage({ ...purchased, amount: 46000 }),
  toMessage(cancellation({ ...PERSON, order_id: FIRST })),
  toMessage(asciiOf(event({ ...PERSON, order_id: SECOND }))),
  toMessage(event({ ...PERSON, order_id: FOURTH, car_model: REFUSED })),
  toMessage(event({ ...PERSON, customer_id: undefined, order_id: THIRD })),
  toMessage(JSON.stringify(event({ ...PERSON, order_id: THIRD })).slice(0, -3)),
  toMessage([event({ ...PERSON, order_id: THIRD })]),
  { ...toMessage(''), data: Buffer.from(JSON.stringify({ customer_id: CUSTOMER }), 'utf16le') },
  toMessage('{}', { customer_id: CUSTOMER }),
]
/** These are redriven with a patch that has the e-mail address. */
const CORRECTED = [
  toMessage(event({ ...PERSON, order_id: THIRD, amount: 'much' })),
  toMessage(asciiOf(event({ ...PERSON, order_id: THIRD, amount: 'much' }))),
]
const OF_OTHERS = [
  toMessage(event({ ...OTHER, order_id: 'ORD-OTHER-1', referred_by: CUSTOMER.slice(0, 6) })),
  toMessage(event({ ...OTHER, order_id: 'ORD-OTHER-1' })),
  toMessage(cancellation({ ...OTHER, order_id: 'ORD-OTHER-1' })),
  toMessage(event({ ...OTHER, order_id: 'ORD-OTHER-2', amount: 'much' })),
  toMessage(event({ ...OTHER, order_id: 'ORD-OTHER-3', car_model: REFUSED })),
  toMessage('not JSON at all'),
  toMessage(event({ ...OTHER, order_id: 'ORD-OTHER-4' }), { partner_id: 'dealer-8' }),
]

const MESSAGES = OF_PERSON.length + CORRECTED.length
const LATE = toMessage(event({ ...PERSON, order_id: SECOND, amount: 47000 }))

const env = () => ({ ...pipeline().stack.env, GOOGLE_CLOUD_PROJECT: 'local', PAYLOAD_KEYS: '' })
const cli = (...args: string[]) => runWarmCommand(args, env())
const printed: string[] = []

async function erase(...args: string[]) {
  const who = ['--partner', PARTNER, '--customer', CUSTOMER, '--actor', 'ann', '--json']
  const { stdout, stderr, code } = await cli('erase', ...who, ...args)
  printed.push(stdout, stderr)
  if (stdout === '') throw new Error(`exit code ${code}: ${stderr}`)
  return JSON.parse(stdout)
}

const wordsIn = (text: string) => WORDS.filter((word) => text.includes(word))

/** What of the person the tables and the histories have, with where. */
async function found(): Promise<string[]> {
  const { bigquery, temporal } = pipeline()
  const [tables, histories] = await Promise.all([everyRow(bigquery), everyHistory(temporal)])
  const inTables = [...tables].flatMap(([table, rows]) =>
    rows.flatMap((row) =>
      Object.entries(row).flatMap(([column, text]) =>
        wordsIn(hiding(text)).map((word) => `${table}.${column}: ${word} in ${row['message_id']}`),
      ),
    ),
  )
  const inHistories = [...histories].flatMap(([run, text]) =>
    wordsIn(hiding(text)).map((word) => `${run}: ${word}`),
  )
  return [...inTables, ...inHistories]
}

/** The other customer's id contains the person's. */
const hiding = (text: string) => text.replaceAll(OTHER.customer_id, '(other)')

/** The rows of others, and all counts. */
async function ofOthers() {
  const { bigquery } = pipeline()
  const tables = await everyRow(bigquery)
  const own = (rows: readonly Record<string, string>[] = []) =>
    rows.filter(({ message_id: id }) => !personal.has(id ?? '')).map((row) => JSON.stringify(row))
  return [...tables]
    .filter(([table]) => table !== 'dead_letter_log' && table !== 'erasure_log')
    .map(([table, rows]) => [table, own(rows).toSorted()])
}

const personal = new Set<string>()

async function rememberPersonal(): Promise<void> {
  const tables = await everyRow(pipeline().bigquery)
  for (const [, rows] of tables)
    for (const row of rows)
      if (wordsIn(hiding(JSON.stringify(row))).length > 0 || isWide(row))
        personal.add(row['message_id'] ?? '')
}

const isWide = ({ data = '' }: Record<string, string>) => data.includes('\u0000')

const reconciliation = () =>
  rowsOf(pipeline().bigquery, 'SELECT * FROM streaming.reconciliation ORDER BY day, partner_id')

beforeAll(async () => {
  const { send, stack } = pipeline()
  await failCalls(stack.segment.url, { status: 400, match: REFUSED })
  await send(CORRECTED)
  const corrected = { op: 'replace', path: '/amount', value: 12345 }
  const told = { op: 'add', path: '/corrected_for', value: PERSON.email }
  const query = 'reason=amount_not_a_number'
  const patch = JSON.stringify([corrected, told])
  await cli(
    'dlq',
    'redrive',
    '--query',
    query,
    '--patch',
    patch,
    '--reason',
    `asked by ${CUSTOMER}`,
  )
  await send([...OF_PERSON, ...OF_OTHERS])
  await clearFaults(stack.segment.url)
  await rememberPersonal()
}, 240_000)

test('a dry run counts, and changes nothing', async () => {
  const before = await everyRow(pipeline().bigquery)
  const counts = await erase('--dry-run')
  expect(counts.messages).toBe(MESSAGES)
  expect(counts.rows).toMatchObject({ audit_log: MESSAGES, staging_cancellation: 1 })
  expect(counts.runs).toBeGreaterThan(0)
  expect(await everyRow(pipeline().bigquery)).toEqual(before)
  expect((await erase('--status')).state).toBe('never')
})

test('nothing of the person is left, what comes meanwhile included, though the worker is killed', async () => {
  const { send, stack, replaceWorker } = pipeline()
  const before = { others: await ofOthers(), found: await found() }
  expect(before.found.some((place) => place.startsWith('batch'))).toBe(true)
  expect(before.found.some((place) => place.startsWith('dead-letter/'))).toBe(true)
  for (const table of ['audit_log', 'dead_letter', 'dead_letter_log', 'activation_log'])
    expect(before.found.filter((place) => place.startsWith(`${table}.`))).not.toEqual([])

  await erase('--reason', 'request 4711', '--no-wait')
  const waits = async () => (await erase('--status')).progress?.waitsFor?.[0]?.code
  await waitFor(
    async () => (await waits()) === 'streaming_buffer',
    'the buffer to be waited for',
    60_000,
  )
  expect((await erase('--no-wait')).did).toBe('joined')
  await send([LATE])
  await rememberPersonal()
  const others = await ofOthers()
  await replaceWorker()

  const flushing = flushUntilStopped(stack.bigquery.url)
  const done = await erase('--reason', 'request 4711')
  await flushing.stop()
  expect(done).toMatchObject({ did: 'joined', state: 'done', receipt: { reason: 'request 4711' } })
  expect(done.receipt.rows.audit_log).toBe(MESSAGES + 1)
  expect(done.receipt.passes).toBeGreaterThan(1)
  await waitFor(async () => (await found()).length === 0, 'Temporal to forget', 30_000).catch(
    () => {},
  )
  expect(await found()).toEqual([])
  expect(await ofOthers()).toEqual(others)
}, 400_000)

test('Segment was asked once to delete the person, and the receipt has the regulation', async () => {
  const regulations = await regulationsAt(pipeline().stack.segment.url)
  const { receipt } = await erase('--status')
  expect(regulations).toEqual([
    {
      id: receipt.segment.regulationId,
      regulationType: 'DELETE_ONLY',
      subjectIds: [`${PARTNER}:${CUSTOMER}`],
    },
  ])
})

test('the reconciliation accounts for every message, and dead letters of others are open as before', async () => {
  const rows = await reconciliation()
  expect(rows.length).toBeGreaterThan(1)
  expect(rows.map(({ unaccounted }) => Number(unaccounted))).toEqual(rows.map(() => 0))
  const open = await rowsOf(
    pipeline().bigquery,
    'SELECT order_id FROM streaming.open_dead_letter ORDER BY order_id',
  )
  expect(open.map(({ order_id }) => order_id)).toEqual([null, 'ORD-OTHER-2', 'ORD-OTHER-3'])
})

test('asked again, it changes nothing and shows the same receipt', async () => {
  const before = await everyRow(pipeline().bigquery)
  const { receipt } = await erase('--status')
  expect(await erase()).toMatchObject({ did: 'nothing', state: 'done', receipt })
  expect(await everyRow(pipeline().bigquery)).toEqual(before)
  expect(await regulationsAt(pipeline().stack.segment.url)).toHaveLength(1)
})

test('logs and receipts say nothing about the person', async () => {
  const { logDir } = pipeline().stack
  const logs = (await readdir(logDir)).filter((name) => /^(worker|bridge)-/.test(name))
  expect(logs.length).toBeGreaterThan(2)
  const texts = await Promise.all(logs.map((name) => readFile(join(logDir, name), 'utf8')))
  expect([...texts, ...printed].flatMap(wordsIn)).toEqual([])
})

/** The local BigQuery lets rows be changed at once, as BigQuery does after half an hour. */
function flushUntilStopped(url: string) {
  const controller = new AbortController()
  const flush = async () => {
    while (!controller.signal.aborted) {
      await flushStreamingBuffer(url)
      await sleep(100)
    }
  }
  const flushing = flush()
  return {
    stop: async () => {
      controller.abort()
      await flushing
    },
  }
}
