// `npm run dlq` as an operator types it: what each command prints, and how it ends. What the operations behind it do is in
// test/integration/operations/dead-letters.test.ts.

import { randomUUID } from 'node:crypto'
import { readFile, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals'
import type { Client } from '@temporalio/client'
import { TASK_QUEUE } from '#contracts'
import { startLocalBigQuery } from '../../../deploy/local/bigquery/api/server.ts'
import { stackDir } from '../../../deploy/local/paths.ts'
import { message, purchase } from '../../fixtures/messages.ts'
import { dlqOf } from '../../support/dlq.ts'
import { failedBatchesOf } from '../../support/failed-batches.ts'
import { operationsOn } from '../../support/operations.ts'
import { clearFaults, failInserts } from '../../support/parts.ts'
import { startCommand } from '../../support/run-command.ts'
import { useStackWithTables } from '../../support/stack.ts'
import { startTcpProxy } from '../../support/tcp-proxy.ts'
import { waitFor } from '../../support/wait-for.ts'
import { runWarmCommand } from '../../support/warm-command/run.ts'
import { startWorkerWithTables, type TestWorker } from '../../support/worker.ts'

const stack = useStackWithTables('temporal', 'bigquery', 'segment')
const folder = join(stackDir, `dlq-${randomUUID()}`)
const fileOf = (name: string) => `${folder}-${name}`
const files: string[] = []

let client: Client
let worker: TestWorker

beforeAll(async () => {
  ;({ client, worker } = await startWorkerWithTables(stack(), TASK_QUEUE))
}, 120_000)
afterAll(async () => {
  await worker.stop()
  await client.connection.close()
  await Promise.all(files.map((file) => rm(file, { force: true })))
})

// A test that fails must not affect those behind it.
afterEach(() => clearFaults(stack().bigquery.url))

const environment = () => ({ ...stack().env, GOOGLE_CLOUD_PROJECT: 'local' })
const { dlq, json } = dlqOf(() => stack().env)
const withEnvironment = (env: Readonly<Record<string, string>>, ...args: string[]) =>
  runWarmCommand(['dlq', ...args], { ...environment(), ...env })
const { list } = operationsOn(() => ({ ...stack(), client }))

const from = (partner: string) => ({ attributes: { partner_id: partner } })

const { fail, runsOf } = failedBatchesOf(() => client)

const bad = (order_id: string, partner: string, more: object = { amount: 'x' }) =>
  message({ ...purchase, order_id, ...more }, from(partner))

const FIX = '[{"op":"replace","path":"/amount","value":45000.00}]'
const line = (start: string) => expect.stringMatching(new RegExp(`^${start}[^\n]*\n$`))

describe('list, summary and show', () => {
  let id: string
  beforeAll(async () => {
    id = await fail(
      'lister',
      bad('l1', 'lister', { amount: 'x', email: 'jane@example.com' }),
      bad('l2', 'lister'),
    )
  })

  test('list prints a line for each dead letter that every filter finds', async () => {
    const filters = ['--stage', 'validation', '--type', 'purchase', '--reason']
    const times = ['--since', '2026-11-20', '--until', '2026-11-21']
    const asked = ['list', '--partner', 'lister', ...filters, 'amount_not_a_number', ...times]
    const [one, ...more] = await json(...asked)
    expect([one.id, more]).toEqual([id, []])
    const table = await dlq('list', '--partner', 'lister')
    expect(table.stdout).toContain(one.short_id)
    const none = await dlq('list', '--partner', 'lister', '--reason', 'not_json')
    expect([none.code, none.stdout]).toEqual([
      0,
      'No dead letter of partner lister, reason not_json is open.\n',
    ])
  }, 60_000)

  test('summary prints the sums by reason, partner and stage', async () => {
    expect(await json('summary', '--partner', 'lister')).toEqual([
      expect.objectContaining({
        reason: 'amount_not_a_number',
        partner_id: 'lister',
        stage: 'validation',
        events: 2,
        dead_letters: 1,
      }),
    ])
    const { stdout } = await dlq('summary', '--partner', 'lister')
    expect(stdout).toMatch(/amount_not_a_number │ lister +│ validation │ +2 │ +1 │/)
  }, 60_000)

  test('show has every violation, and masks what is personal unless it is asked for', async () => {
    const shown = await json('show', id)
    expect(shown).toMatchObject({ id, state: 'open', history: [] })
    expect(shown.events).toHaveLength(2)
    expect(shown.events[0].faults[0]).toMatchObject({
      reason: 'amount_not_a_number',
      path: 'amount',
    })
    expect(JSON.stringify(shown)).not.toContain('jane@example.com')
    expect(JSON.stringify(await json('show', id, '--personal'))).toContain('jane@example.com')
    const text = await dlq('show', shown.short_id)
    expect(text.stdout).toContain('amount_not_a_number')
    expect(text.stdout).not.toContain('jane')
  }, 60_000)

  test('--export - prints the events, and nothing else', async () => {
    const { code, stdout } = await dlq('show', id, '--export', '-')
    const lines = stdout.trimEnd().split('\n')
    expect([code, lines.map((text) => JSON.parse(text).dead_letter_id)]).toEqual([0, [id, id]])
  }, 60_000)

  test('an id that is none is one clear line', async () => {
    const { code, stderr } = await dlq('show', 'ffff0000')
    expect([code, stderr]).toEqual([2, line('There is no dead letter ffff0000: ')])
  })
})

test('a dead letter is exported, edited, tried and redriven, and a second time nothing is changed', async () => {
  const id = await fail('edited', bad('e1', 'edited'), message('not json', from('edited')))
  const file = fileOf('edited.ndjson')
  files.push(file)
  const exported = await dlq('show', id, '--export', file)
  expect([exported.code, exported.stdout]).toEqual([
    0,
    expect.stringMatching(
      /^2 events of [0-9a-f]{8} written to .*, personal data included\.\nEdit it, then: .* --dry-run\n$/,
    ),
  ])
  expect((await stat(file)).mode & 0o777).toBe(0o600)
  const taken = await dlq('show', id, '--export', file)
  expect([taken.code, taken.stderr]).toEqual([2, expect.stringContaining('is there already')])
  const text = await readFile(file, 'utf8')
  await writeFile(file, text.replace('"amount":"x"', '"amount":1.10'))

  const would = await dlq('redrive', '--events', file, '--dry-run')
  expect([would.code, would.stdout]).toEqual([
    0,
    expect.stringMatching(
      /\nA redrive would (stage and activate 1, reject again 1|reject again 1, stage and activate 1)\. Nothing was changed\.\n$/,
    ),
  ])
  expect(await json('redrive', '--events', file, '--dry-run')).toHaveLength(2)
  const first = await dlq('redrive', '--events', file, '--max-failures', '1', '--actor', 'ann')
  expect([first.code, first.stdout]).toEqual([
    1,
    expect.stringMatching(
      /^2 events of 1 dead letter redriven: 1 done, 1 failed again\.\n[0-9a-f]{8}: 1 of 2 events of edited failed again in redrive 1 by ann: .*\nWhat failed again is open\. .*\n$/,
    ),
  ])
  const about = ['report', '--partner', 'edited']
  expect(await json(...about)).toMatchObject({ rejected: 2, corrected: 1, waiting: 1 })

  const good = `"event":${JSON.stringify({ ...purchase, order_id: 'e2' })}`
  await writeFile(
    file,
    text.replace('"amount":"x"', '"amount":1.10').replace('"text":"not json"', good),
  )
  const rest = await json('redrive', '--events', file, '--reason', 'agreed by phone')
  expect(rest).toMatchObject({
    dead_letters: 1,
    closed: 1,
    closed_before: 0,
    failed_again: 0,
    under_way: 0,
    events: 1,
    events_done_before: 1,
    events_failed_again: 0,
    ended: 'finished',
    outcomes: [{ id, outcome: 'closed', events: 1, failed: [], message: null }],
  })
  const { history } = await json('show', id)
  expect(history).toMatchObject([
    { action: 'redrive', attempt: 1, outcome: 'failed', actor: 'ann' },
    { action: 'redrive', attempt: 2, outcome: 'closed', reason: 'agreed by phone' },
  ])
  const again = await dlq('redrive', '--events', file)
  expect([again.code, again.stdout]).toEqual([
    0,
    expect.stringMatching(/closed before; .*\n2 events of the file were done before\.\n$/),
  ])
  const dry = await dlq('redrive', id, '--dry-run')
  expect([dry.code, dry.stdout]).toEqual([
    0,
    expect.stringMatching(/^[0-9a-f]{8}: closed before\. Nothing was changed\.\n$/),
  ])
  expect((await dlq(...about)).stdout).toContain('Nothing has to be published again')
}, 120_000)

test('discard needs a reason, and says what it closed; the report counts it as closed', async () => {
  const id = await fail('discarded', bad('x1', 'discarded'))
  expect((await dlq('discard', id)).code).toBe(2)
  const { code, stdout } = await dlq(
    'discard',
    '--query',
    'partner=discarded',
    '--reason',
    'a test',
  )
  expect([code, stdout]).toEqual([
    0,
    '1 event of 1 dead letter discarded: closed, and kept in the tables.\n',
  ])
  const none = await dlq('discard', '--query', 'partner=discarded', '--reason', 'a test')
  expect([none.code, none.stdout]).toEqual([
    0,
    expect.stringMatching(/^Nothing was discarded: no open dead letters match\. .*\n$/),
  ])
  expect((await dlq('report', '--partner', 'discarded')).stdout).toContain(
    'Corrected since: **0**. Still to be corrected: **0**. Closed uncorrected: **1**.',
  )
}, 60_000)

test('Ctrl-C stops a slow redrive; the same command continues with what is open', async () => {
  const ids: string[] = []
  for (const name of ['i1', 'i2', 'i3']) ids.push(await fail('slow', bad(name, 'slow')))
  const args = ['redrive', '--query', 'partner=slow', '--patch', FIX]
  const running = startCommand(['dlq', ...args, '--rate', '0.05'], undefined, environment())
  const isBegun = async () => (await list({ partner: 'slow' })).length === 2
  await waitFor(isBegun, 'the first of them to be redriven', 30_000)
  const isCompleted = async () => (await Promise.all(ids.map(runsOf))).flat().includes('COMPLETED')
  await waitFor(isCompleted, 'its run to complete')
  // The command learns of the completed run a moment later, and starts the next run after twenty seconds.
  await sleep(3_000)
  running.child.kill('SIGINT')
  const { code, stdout } = await running.finished
  expect([code, stdout]).toEqual([
    130,
    expect.stringMatching(/1 event of 1 dead letter redriven.*\nStopped\./),
  ])
  expect(await json(...args)).toMatchObject({ dead_letters: 2, closed: 2 })
  expect(await list({ partner: 'slow' })).toEqual([])
}, 120_000)

describe('BigQuery answers queries, and takes no row', () => {
  const accept = () => clearFaults(stack().bigquery.url)

  test('who waits is told why, and where Temporal goes away that nothing is lost; it is closed once BigQuery takes the rows', async () => {
    const id = await fail('waiting', bad('w1', 'waiting'))
    await failInserts(stack().bigquery.url, { status: 503 })
    const proxy = await startTcpProxy(stack().temporal.address)
    const through = { ...environment(), TEMPORAL_ADDRESS: proxy.address }
    const first = startCommand(['dlq', 'redrive', id, '--patch', FIX], undefined, through)
    await waitFor(() => first.stderr().includes('also after Ctrl-C'), 'the words', 40_000)
    expect(first.stderr()).toMatch(
      /^warehouse_unavailable \(1\): BigQuery did not answer.*\n {2}It says: BigQuery staging_purchase: answered 503.*\n {2}What to do: .*\n {2}It gives up at .*\nNothing is lost: .*\n$/,
    )
    expect(await list({ partner: 'waiting' })).toHaveLength(1)
    const second = await dlq('redrive', id, '--patch', FIX)
    expect([second.code, second.stdout]).toEqual([
      1,
      expect.stringContaining('another redrive or discard of it is under way; nothing was changed'),
    ])
    proxy.goAway()
    const cut = await first.finished
    expect([cut.code, cut.stdout]).toEqual([1, ''])
    expect(cut.stderr).toMatch(
      /^warehouse_unavailable[^]*\nTemporal does not answer any more\. Runs that were started continue .*\n {2}because: .*\n$/,
    )
    await accept()
    await dlq('retry-stuck', '--minutes', '0', '--attempts', '1', '--now')
    const isClosed = async () => (await list({ partner: 'waiting' })).length === 0
    await waitFor(isClosed, 'the run to close it', 40_000)
  }, 120_000)

  test('Ctrl-C leaves a run that is under way to continue', async () => {
    const id = await fail('leaving', bad('w2', 'leaving'))
    await failInserts(stack().bigquery.url, { status: 503 })
    const running = startCommand(['dlq', 'redrive', id, '--patch', FIX], undefined, environment())
    await waitFor(async () => (await runsOf(id)).includes('RUNNING'), 'the run to start', 60_000)
    running.child.kill('SIGINT')
    const leftAt = performance.now()
    const { code, stdout } = await running.finished
    expect(performance.now() - leftAt).toBeLessThan(5_000)
    expect([code, stdout]).toEqual([
      130,
      expect.stringMatching(
        /^Nothing was redriven yet\.\nStopped\. 1 run under way continues by itself/,
      ),
    ])
  }, 120_000)
})

describe('a bad day is one clear line, and nothing is changed', () => {
  let id: string
  beforeAll(async () => {
    id = await fail('unlucky', bad('u1', 'unlucky'), message('not json', from('unlucky')))
  })

  test.each<[string, readonly string[], string]>([
    [
      'a patch that applies to no place',
      ['--patch', '[{"op":"replace","path":"/amuont","value":1}]'],
      'The patch does not apply to message',
    ],
    ['a patch that is no list', ['--patch', '{"op":"remove"}'], 'Cannot read the patch {"op"'],
    [
      'an event file that is not there',
      ['--events', 'no-such.ndjson'],
      'Cannot read events from no-such.ndjson',
    ],
    [
      'a reason that is no line',
      ['--reason', 'one\ntwo'],
      '--reason cannot be used: give one line',
    ],
  ])('%s', async (_name, args, words) => {
    const { code, stderr, stdout } = await dlq('redrive', id, ...args)
    expect({ code, stderr, stdout }).toEqual({ code: 2, stderr: line(words), stdout: '' })
    expect(await runsOf(id)).toEqual(['FAILED'])
  })

  test('no worker', async () => {
    const { code, stderr } = await withEnvironment({ TEMPORAL_TASK_QUEUE: 'nobody' }, 'redrive', id)
    expect([code, stderr]).toEqual([2, line('No worker serves task queue nobody')])
    expect(await runsOf(id)).toEqual(['FAILED'])
  })

  test('BigQuery away', async () => {
    const nowhere = { BIGQUERY_EMULATOR_HOST: 'http://127.0.0.1:9/bigquery/v2' }
    const { code, stderr } = await withEnvironment(nowhere, 'redrive', id)
    expect([code, stderr]).toEqual([1, line('BigQuery does not answer \\(http.* once it does')])
    expect(await runsOf(id)).toEqual(['FAILED'])
  })

  test('a BigQuery without tables', async () => {
    const empty = await startLocalBigQuery({ file: fileOf('empty.duckdb') })
    files.push(fileOf('empty.duckdb'))
    try {
      for (const args of [['list'], ['report', '--partner', 'unlucky']]) {
        const { code, stderr } = await withEnvironment(
          { BIGQUERY_EMULATOR_HOST: empty.url },
          ...args,
        )
        expect([code, stderr]).toEqual([1, line('BigQuery .* says: Not found: .*`npm run setup`')])
      }
    } finally {
      await empty.close()
    }
  })

  test('events that were edited to be too large', async () => {
    const file = fileOf('large.ndjson')
    files.push(file)
    await dlq('show', id, '--export', file)
    const text = await readFile(file, 'utf8')
    const large = `"car_model":"${'x'.repeat(1_100_000)}"`
    await writeFile(file, text.replace('"car_model":"SUV"', large))
    const { code, stderr } = await dlq('redrive', '--events', file)
    expect([code, stderr]).toEqual([
      2,
      expect.stringMatching(
        /^[0-9a-f]{8} \(dead-letter.*\): message m\d+ has 1,1\d\d,\d{3} bytes, and an event may have 1,048,576\..* Nothing was redriven\.\n$/,
      ),
    ])
    expect(await runsOf(id)).toEqual(['FAILED'])
  }, 60_000)
})
