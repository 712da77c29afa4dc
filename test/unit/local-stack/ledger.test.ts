// Where each number of the demo's ledger comes from, and when it balances: every message is accounted for once, at whatever stage it left the way.

import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { ledgerRows } from '../../../cli/demo/report.ts'
import { isBalanced, type Ledger, readLedger } from '../../../deploy/local/demo/ledger.ts'

type Counts = Partial<Ledger> & { readonly byStage?: Partial<Ledger['deadLetters']['byStage']> }

/** Ten messages: a duplicate, a rejected one, eight accepted, of which one is held back. */
function ledger({ byStage, ...counts }: Counts = {}): Ledger {
  return {
    published: 10,
    received: 9,
    accepted: 8,
    rejected: 1,
    duplicates: 1,
    corrections: 0,
    lookalikes: 0,
    inFlight: 0,
    unaccounted: 0,
    audited: 10,
    staged: { purchase: 5, cancellation: 3 },
    redriven: 0,
    activated: 7,
    notActivated: 1,
    waiting: 0,
    calls: { recorded: 0, accepted: 0 },
    deadLetters: {
      workflows: 1,
      events: 1,
      open: 1,
      byStage: { validation: 1, staging: 0, activation: 0, ...byStage },
    },
    batches: 1,
    failedBatches: 0,
    latencyMs: { p50: 1, p99: 2 },
    ...counts,
  }
}

const stagedBut = { staged: { purchase: 4, cancellation: 3 } }

test.each<[string, Counts]>([
  ['everything went through', {}],
  [
    'the rejected message was corrected and redriven',
    { redriven: 1, staged: { purchase: 6, cancellation: 3 }, activated: 8 },
  ],
  ['a partner corrected two events', { published: 12, corrections: 2, audited: 12 }],
  ['a cancellation waits for its purchase', { activated: 6, waiting: 1 }],
  ['one call was about two events', { calls: { recorded: 6, accepted: 6 } }],
  ['Segment refused a call', { activated: 6, byStage: { activation: 1 } }],
  ['BigQuery refused a row', { ...stagedBut, activated: 6, byStage: { staging: 1 } }],
  ['both refused one', { ...stagedBut, activated: 5, byStage: { staging: 1, activation: 1 } }],
])('balanced: %s', (_name, counts) => {
  expect(isBalanced(ledger(counts))).toBe(true)
})

test.each<[string, Counts]>([
  ['Segment has a call that is not recorded', { calls: { recorded: 6, accepted: 7 } }],
  ['Segment has no call that is recorded', { calls: { recorded: 7, accepted: 6 } }],
  ['a message was never audited', { published: 11 }],
  ['a message was neither accepted nor rejected', { published: 11, received: 10 }],
  ['a rejected message is in no dead letter', { byStage: { validation: 0 } }],
  ['a dead letter of another stage stands in for it', { byStage: { validation: 0, staging: 1 } }],
  ['a dead letter holds what was not rejected', { byStage: { validation: 2 } }],
  ['an accepted event is in no table', { ...stagedBut }],
  ['an event is in its table and in a dead letter of staging', { byStage: { staging: 1 } }],
  ['an event never came to Segment', { activated: 6 }],
  ['an event is at Segment and in a dead letter of activation', { byStage: { activation: 1 } }],
  ['a redriven event is in no table', { redriven: 1, activated: 8 }],
  ['a row is staged that nothing was redriven for', { staged: { purchase: 6, cancellation: 3 } }],
  ['a batch is on its way', { inFlight: 1 }],
  ['a message is unaccounted for', { unaccounted: 1 }],
  ['a batch failed', { failedBatches: 1 }],
])('not balanced: %s', (_name, counts) => {
  expect(isBalanced(ledger(counts))).toBe(false)
})

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ledger-'))
})
afterAll(() => rm(folder, { recursive: true }))

const SUMS = {
  audited: 1,
  duplicates: 2,
  corrections: 3,
  lookalikes: 4,
  received: 5,
  accepted: 6,
  rejected: 7,
  unaccounted: 8,
}

const COUNTS = {
  purchase: 11,
  cancellation: 12,
  redriven: 13,
  open: 14,
  activated: 15,
  not_activated: 16,
  waiting: 17,
  calls: 18,
  dead_at_validation: 100,
  dead_at_staging: 200,
  dead_at_activation: 300,
}

const LATENCY = { p50: 21, p99: 22 }

/** The client gives counts as numbers, and says how many rows there are. */
const bigquery = {
  projectId: 'local',
  query: async ({ query }: { query: string }) => {
    const rows = [SUMS, COUNTS, LATENCY].filter((row) =>
      Object.keys(row).every((name) => query.includes(` ${name}`)),
    )
    return [rows, null, { totalRows: String(rows.length), schema: { fields: [] } }]
  },
}

type Run = { readonly type: string; readonly status: string; readonly events?: number }

/** Finds runs by the type and the statuses that a query names; all of the type where it names no status. */
const temporalWith = (runs: readonly Run[]) => {
  const found = (query: string) => {
    const [type, ...statuses] = Array.from(query.matchAll(/'(\w+)'/g), ([, word]) => word)
    return runs.filter(
      (run) => run.type === type && (statuses.length === 0 || statuses.includes(run.status)),
    )
  }
  return {
    workflow: {
      count: async (query: string) => ({ count: found(query).length }),
      async *list({ query }: { query: string }) {
        for (const { events } of found(query)) yield { searchAttributes: { EventCount: [events] } }
      },
    },
  }
}

async function ledgerOf(runs: readonly Run[], calls: readonly string[] = []) {
  const file = join(folder, 'segment.ndjson')
  await writeFile(file, calls.map((messageId) => `${JSON.stringify({ messageId })}\n`).join(''))
  const stack = { segment: { file } }
  const parts = Object({ config: {}, bigquery, temporal: temporalWith(runs), stack })
  return readLedger(parts, 9)
}

const batch = (status: string, events = 0) => ({ type: 'processBatch', status, events })
const letter = (status: string) => ({ type: 'deadLetter', status })

test('every number of the tables is where its name says', async () => {
  const { calls, staged, deadLetters, latencyMs, ...numbers } = await ledgerOf([])
  expect(numbers).toEqual({
    ...SUMS,
    published: 9,
    redriven: 13,
    activated: 15,
    notActivated: 16,
    waiting: 17,
    inFlight: 0,
    batches: 0,
    failedBatches: 0,
  })
  expect(calls).toEqual({ recorded: 18, accepted: 0 })
  expect(staged).toEqual({ purchase: 11, cancellation: 12 })
  expect(deadLetters).toEqual({
    workflows: 0,
    events: 600,
    open: 14,
    byStage: { validation: 100, staging: 200, activation: 300 },
  })
  expect(latencyMs).toEqual(LATENCY)
})

test.each(['Failed', 'Terminated', 'TimedOut', 'Canceled'])(
  'a batch that is %s ended before its work was done',
  async (status) => {
    const { failedBatches, batches, inFlight } = await ledgerOf([batch(status, 5), letter(status)])
    expect({ failedBatches, batches, inFlight }).toEqual({
      failedBatches: 1,
      batches: 1,
      inFlight: 0,
    })
  },
)

test('the events of batches that run are in flight, and a batch that is complete is no failure', async () => {
  const runs = [batch('Running', 5), batch('Running', 7), batch('Completed', 11)]
  const { failedBatches, batches, inFlight } = await ledgerOf(runs)
  expect({ failedBatches, batches, inFlight }).toEqual({
    failedBatches: 0,
    batches: 3,
    inFlight: 12,
  })
})

test('dead letters are the workflows that failed, and not those that run or are closed', async () => {
  const runs = [letter('Failed'), letter('Failed'), letter('Completed'), letter('Running')]
  expect((await ledgerOf(runs)).deadLetters.workflows).toBe(2)
})

test('a call that Segment accepted twice counts once', async () => {
  expect((await ledgerOf([], ['a', 'b', 'a'])).calls.accepted).toBe(2)
})

test('the table of the ledger shows each number at its own line', async () => {
  const read = await ledgerOf([batch('Failed'), batch('Running', 30), letter('Failed')], ['a'])
  const rows = ledgerRows(read)
  expect(Object.fromEntries(rows.map((row) => [row['ledger'], row['count']]))).toEqual({
    published: 9,
    received: 5,
    duplicates: 2,
    corrections: 3,
    lookalikes: 4,
    accepted: 6,
    rejected: 7,
    'staged purchases': 11,
    'staged cancellations': 12,
    'in dead letters': 600,
    redriven: 13,
    activated: 15,
    'not activated': 16,
    waiting: 17,
    'in flight': 30,
    unaccounted: 8,
    batches: 2,
    'failed batches': 1,
    'latency p50': 21,
    'latency p99': 22,
  })
  const meaningOf = (name: string) => rows.find((row) => row['ledger'] === name)?.['meaning']
  expect(meaningOf('in dead letters')).toBe('events, in 1 failed workflows; 14 open')
  expect(meaningOf('activated')).toBe('events, in 1 calls that Segment accepted')
  expect(meaningOf('latency p99')).toBe('ms from publish to staged')
})
