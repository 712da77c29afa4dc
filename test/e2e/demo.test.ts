// The whole pipeline as a newcomer runs it: events in, rows out, ledger balanced, whatever is killed on the way.

import { spawnSync } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import type { Ledger } from '../../deploy/local/demo/ledger.ts'
import { stackDir } from '../../deploy/local/paths.ts'
import { type Finished, runCommand, startCommand } from '../support/run-command.ts'
import { waitFor } from '../support/wait-for.ts'

const RUN_LIMIT_MS = 300_000

// The demo runs from its sources, as for a newcomer.
delete process.env['BUNDLED_MAINS']

type Printed = Ledger & { readonly balanced: boolean }

function ledgerOf({ code, stdout, stderr }: Finished): Printed {
  const line = stdout.trim().split('\n').at(-1) ?? ''
  if (!line.startsWith('{')) throw new Error(`no ledger, exit code ${code}: ${stderr}`)
  return JSON.parse(line)
}

/** The properties every finished run must have, whatever went through it. */
function expectBalanced(ledger: Printed): void {
  expect(ledger).toMatchObject({ balanced: true, inFlight: 0, unaccounted: 0 })
  expect(ledger.received + ledger.duplicates + ledger.corrections).toBe(ledger.published)
  expect(ledger.accepted + ledger.rejected).toBe(ledger.received)
  expect(ledger.staged.purchase + ledger.staged.cancellation).toBe(ledger.accepted)
  expect(ledger.activated + ledger.notActivated + ledger.waiting).toBe(ledger.accepted)
  expect(ledger.deadLetters.events).toBe(ledger.rejected)
}

async function queryRows(sql: string): Promise<Record<string, unknown>[]> {
  const { stdout, stderr, code } = await runCommand(['query', sql, '--json'])
  if (code !== 0) throw new Error(stderr)
  return JSON.parse(stdout)
}

function childOf(pid: number, main: string): number {
  const { stdout } = spawnSync('pgrep', ['-P', String(pid), '-f', main], { encoding: 'utf8' })
  return Number(stdout.trim())
}

describe('a demo of five thousand events whose worker and bridge are killed in the middle', () => {
  let finished: Finished
  beforeAll(async () => {
    const options = ['--count', '5000', '--invalid', '0.05', '--seed', '7', '--json', '--exit']
    const demo = startCommand(['demo', ...options])
    const isUnderWay = () => demo.stderr().includes('published') || demo.child.exitCode !== null
    await waitFor(isUnderWay, 'the first events on their way', RUN_LIMIT_MS)
    for (const main of ['workers/main.ts', 'bridge/main.ts']) {
      process.kill(childOf(demo.pid, main), 'SIGKILL')
    }
    finished = await demo.finished
  }, RUN_LIMIT_MS)

  test('says which of them ended, and how', () => {
    expect(finished.stderr).toContain('worker ended with SIGKILL')
    expect(finished.stderr).toContain('bridge ended with SIGKILL')
  })

  test('ends with exit code 0 and a balanced ledger', () => {
    const ledger = ledgerOf(finished)
    expectBalanced(ledger)
    expect(finished.code).toBe(0)
    expect(ledger.published).toBe(5000)
    expect(ledger.duplicates).toBeGreaterThan(0)
    expect(ledger.latencyMs.p99).toBeGreaterThanOrEqual(ledger.latencyMs.p50)
  })

  test('prints nothing but the ledger on stdout', () => {
    expect(finished.stdout.trim().split('\n')).toHaveLength(1)
  })

  test('leaves rows that answer once everything has stopped', async () => {
    const ledger = ledgerOf(finished)
    const [purchases] = await queryRows(
      'SELECT COUNT(DISTINCT event_id) AS n FROM streaming.staging_purchase',
    )
    const [cancellations] = await queryRows(
      'SELECT COUNT(DISTINCT event_id) AS n FROM streaming.staging_cancellation',
    )
    expect([purchases?.['n'], cancellations?.['n']]).toEqual([
      ledger.staged.purchase,
      ledger.staged.cancellation,
    ])
  })

  test('has every rejected message in a dead letter, with the reasons the audit log has', async () => {
    const rows =
      await queryRows(`SELECT audit.message_id, audit.reasons AS decided, dead.reasons AS kept
      FROM streaming.audit_log AS audit
      LEFT JOIN streaming.dead_letter AS dead ON dead.message_id = audit.message_id
      WHERE audit.decision = 'rejected' AND audit.part = 0`)
    expect(rows.length).toBe(ledgerOf(finished).rejected)
    for (const { decided, kept } of rows) {
      expect(kept).toEqual(decided)
      expect(kept).not.toEqual([])
    }
  })

  test('leaves no process behind', () => {
    const { stdout } = spawnSync(
      'pgrep',
      ['-af', `${stackDir}/bigquery.duckdb|${stackDir}/temporal.db`],
      {
        encoding: 'utf8',
      },
    )
    expect(stdout).toBe('')
  })
})

describe("the partners' five sample events, published twice", () => {
  let finished: Finished
  let folder: string
  beforeAll(async () => {
    folder = await mkdtemp(join(stackDir, 'twice-'))
    const sample = await readFile('test/fixtures/sample-events.ndjson', 'utf8')
    await writeFile(join(folder, 'twice.ndjson'), `${sample}\n${sample}`)
    finished = await runCommand([
      'demo',
      '--events',
      join(folder, 'twice.ndjson'),
      '--json',
      '--exit',
    ])
  }, RUN_LIMIT_MS)
  afterAll(() => rm(folder, { recursive: true, force: true }))

  test('are five events and five duplicates', () => {
    const ledger = ledgerOf(finished)
    expectBalanced(ledger)
    expect(ledger).toMatchObject({ published: 10, received: 5, duplicates: 5, accepted: 5 })
  })

  test('end in the right tables', async () => {
    expect(
      await queryRows('SELECT order_id, amount FROM streaming.staging_purchase ORDER BY order_id'),
    ).toEqual([
      { order_id: 'A001', amount: '45000' },
      { order_id: 'A002', amount: '32000.5' },
      { order_id: 'A004', amount: '78000' },
    ])
    expect(
      await queryRows(
        'SELECT order_id, reason FROM streaming.staging_cancellation ORDER BY order_id',
      ),
    ).toEqual([
      { order_id: 'A003', reason: 'payment_failed' },
      { order_id: 'A005', reason: 'customer_changed_mind' },
    ])
  })

  test('are staged but not activated, being older than Google Ads takes', async () => {
    expect(
      await queryRows('SELECT DISTINCT outcome, reason FROM streaming.activation_log'),
    ).toEqual([{ outcome: 'not_activated', reason: 'outside_ads_window' }])
    expect(ledgerOf(finished)).toMatchObject({ activated: 0, notActivated: 5 })
  })
})

test.each([
  [['demo', '--invalid', '2'], '--invalid'],
  [['demo', '--count', 'many'], '--count'],
  [['send', '--rate', '0'], '--rate'],
  [['nonsense'], 'unknown command'],
])('%j is refused with exit code 2 and a word on what is wrong', async (args, word) => {
  const { code, stderr } = await runCommand(args)
  expect(code).toBe(2)
  expect(stderr).toContain(word)
})
