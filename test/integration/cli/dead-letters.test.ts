// `npm run dlq` against a real pipeline: what failed is seen, corrected, sent again once, and closed.

import { randomUUID } from 'node:crypto'
import { readFile, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals'
import type { Client } from '@temporalio/client'
import { type Message, TASK_QUEUE, WORKFLOW } from '#contracts'
import { encodeBatch } from '#contracts/batch-payload'
import { startLocalBigQuery } from '../../../deploy/local/bigquery/api/server.ts'
import { stackDir } from '../../../deploy/local/paths.ts'
import { message, purchase } from '../../fixtures/messages.ts'
import { bigqueryAt, clearFaults, failCalls, failInserts, rowsOf } from '../../support/parts.ts'
import { startCommand } from '../../support/run-command.ts'
import { useStack } from '../../support/stack.ts'
import { startTcpProxy } from '../../support/tcp-proxy.ts'
import { waitFor } from '../../support/wait-for.ts'
import { runWarmCommand } from '../../support/warm-command/run.ts'
import { startWorkerWithTables, type TestWorker } from '../../support/worker.ts'

const stack = useStack('temporal', 'bigquery', 'segment')
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

// A test that fails must not take those behind it along.
afterEach(() => clearFaults(stack().bigquery.url))

const rows = (query: string, params = {}) => rowsOf(bigqueryAt(stack().bigquery.url), query, params)

const environment = () => ({ ...stack().env, GOOGLE_CLOUD_PROJECT: 'local' })
const dlq = (args: readonly string[], env: Readonly<Record<string, string>> = {}) =>
  runWarmCommand(['dlq', ...args], { ...environment(), ...env })

// oxlint-disable-next-line typescript/no-explicit-any -- each test says what it expects of it
async function json(...args: string[]): Promise<any> {
  const { code, stdout, stderr } = await dlq([...args, '--json'])
  if (stdout === '') throw new Error(`exit code ${code}: ${stderr}`)
  return JSON.parse(stdout)
}

const from = (partner: string) => ({ attributes: { partner_id: partner } })

/** Runs a batch of these messages and waits for its dead letters: ids of those of `partner`. */
async function fail(partner: string, ...messages: Message[]): Promise<string> {
  const workflowId = `batch-${randomUUID()}`
  await client.workflow.execute(WORKFLOW.processBatch, {
    workflowId,
    taskQueue: TASK_QUEUE,
    args: [encodeBatch(messages)],
  })
  const query = `BatchId = '${workflowId}' AND ExecutionStatus = 'Failed' AND PartnerId = '${partner}'`
  const first = async () => {
    for await (const run of client.workflow.list({ query })) return run.workflowId
    return undefined
  }
  return waitFor(first, `the dead letter of ${partner}`)
}

const bad = (order_id: string, partner: string, more: object = { amount: 'x' }) =>
  message({ ...purchase, order_id, ...more }, from(partner))

const runsOf = async (id: string) => {
  const statuses: string[] = []
  for await (const { status } of client.workflow.list({ query: `WorkflowId = '${id}'` }))
    statuses.push(status.name)
  return statuses
}

const FIX = '[{"op":"replace","path":"/amount","value":45000.00}]'

describe('list, summary and show', () => {
  let id: string
  beforeAll(async () => {
    id = await fail(
      'lister',
      bad('l1', 'lister', { amount: 'x', email: 'jane@example.com' }),
      bad('l2', 'lister'),
      bad('l3', 'lister', { order_id: '' }),
    )
  })

  test('a line for each dead letter, found by every filter', async () => {
    const [one, ...more] = await json('list', '--partner', 'lister')
    expect(more).toEqual([])
    expect(one).toMatchObject({
      id,
      state: 'open',
      partner_id: 'lister',
      stages: ['validation'],
      types: ['purchase'],
      events: 3,
      reasons: ['amount_not_a_number', 'order_id_empty'],
    })
    const filters = ['--stage', 'validation', '--type', 'purchase', '--reason', 'order_id_empty']
    const times = ['--since', '2026-11-20', '--until', '2026-11-21']
    expect(await json('list', '--partner', 'lister', ...filters, ...times)).toHaveLength(1)
    expect(await json('list', '--partner', 'lister', '--reason', 'not_json')).toEqual([])
    expect(await json('list', '--partner', 'lister', '--since', '2026-11-21')).toEqual([])
    const table = await dlq(['list', '--partner', 'lister'])
    expect(table.stdout).toContain(one.short_id)
  }, 60_000)

  test('the sums by reason, partner and stage', async () => {
    expect(await json('summary', '--partner', 'lister')).toEqual([
      expect.objectContaining({
        reason: 'amount_not_a_number',
        partner_id: 'lister',
        stage: 'validation',
        events: 2,
        dead_letters: 1,
      }),
      expect.objectContaining({ reason: 'order_id_empty', events: 1 }),
    ])
  })

  test('show has every fault, and masks what is personal unless it is asked for', async () => {
    const shown = await json('show', id)
    expect(shown).toMatchObject({ id, state: 'open', history: [] })
    expect(shown.events).toHaveLength(3)
    expect(shown.events[0].faults[0]).toMatchObject({
      reason: 'amount_not_a_number',
      path: 'amount',
    })
    expect(JSON.stringify(shown)).not.toContain('jane@example.com')
    expect(JSON.stringify(await json('show', id, '--personal'))).toContain('jane@example.com')
    const text = await dlq(['show', shown.short_id])
    expect(text.stdout).toContain('amount_not_a_number')
    expect(text.stdout).not.toContain('jane')
  }, 60_000)

  test('--export - prints the events, and nothing else', async () => {
    const { code, stdout } = await dlq(['show', id, '--export', '-'])
    const lines = stdout.trimEnd().split('\n')
    expect([code, lines.map((line) => JSON.parse(line).dead_letter_id)]).toEqual([0, [id, id, id]])
  }, 60_000)

  test('an id that is none, or begins none, is one clear line', async () => {
    const { code, stderr } = await dlq(['show', 'ffff0000'])
    expect([code, stderr]).toEqual([
      2,
      expect.stringMatching(/^There is no dead letter ffff0000: .*\n$/),
    ])
  })
})

describe('redrive', () => {
  test('--dry-run says what would happen to each event, and changes nothing', async () => {
    const id = await fail('dry', bad('d1', 'dry'), bad('d2', 'dry', { order_id: '' }))
    const would = await json('redrive', id, '--patch', FIX, '--dry-run')
    expect(would).toEqual([
      expect.objectContaining({ would: 'stage and activate', changed: true, reasons: [] }),
      expect.objectContaining({ would: 'reject again', reasons: ['order_id_empty'] }),
    ])
    expect(await runsOf(id)).toEqual(['FAILED'])
    expect(await json('list', '--partner', 'dry')).toHaveLength(1)
  }, 60_000)

  test('a patch corrects the events; they are staged once, with what was changed on record; a second time changes nothing', async () => {
    const id = await fail('patched', bad('p1', 'patched'), bad('p2', 'patched'))
    const patch = '[{"op":"replace","path":"/amount","value":12345678901234567890.120}]'
    const done = await json(
      'redrive',
      id,
      '--patch',
      patch,
      '--actor',
      'ann',
      '--reason',
      'agreed by phone',
    )
    expect(done).toMatchObject({ dead_letters: 1, closed: 1, events: 2, events_failed_again: 0 })
    const staged = await rows(
      `SELECT order_id, CAST(amount AS STRING) AS amount FROM streaming.staging_purchase
       WHERE batch_id = @id ORDER BY order_id`,
      { id },
    )
    expect(staged).toEqual(
      ['p1', 'p2'].map((order_id) => ({ order_id, amount: '12345678901234567890.12' })),
    )
    expect(await json('list', '--partner', 'patched')).toEqual([])
    const [listed] = await json('list', '--partner', 'patched', '--all')
    expect(listed.state).toBe('closed')
    const { history } = await json('show', id, '--personal')
    expect(history).toEqual([
      expect.objectContaining({
        action: 'redrive',
        attempt: 1,
        outcome: 'closed',
        actor: 'ann',
        reason: 'agreed by phone',
      }),
    ])
    expect(history[0].patch[0].messages).toHaveLength(2)
    await waitFor(
      async () => (await runsOf(id)).join() === 'COMPLETED',
      'the failed run to be deleted',
    )

    const would = await dlq(['redrive', id, '--patch', patch, '--dry-run'])
    expect([would.code, would.stdout]).toEqual([
      0,
      expect.stringMatching(/^[0-9a-f]{8}: closed before\. Nothing was changed\.\n$/),
    ])
    const again = await dlq(['redrive', id, '--patch', patch])
    expect([again.code, again.stdout]).toEqual([
      0,
      expect.stringContaining('closed before; nothing was changed'),
    ])
    expect(await runsOf(id)).toEqual(['COMPLETED'])
  }, 90_000)

  test('an edited file corrects each event by itself; what fails again stays open, and only that', async () => {
    const id = await fail(
      'edited',
      bad('e1', 'edited'),
      bad('e2', 'edited'),
      message('not json', from('edited')),
    )
    const file = fileOf('edited.ndjson')
    files.push(file)
    expect((await dlq(['show', id, '--export', file])).code).toBe(0)
    expect((await stat(file)).mode & 0o777).toBe(0o600)
    const text = await readFile(file, 'utf8')
    const fixed = text
      .replace('"amount":"x"', '"amount":1.10')
      .replace('"text":"not json"', `"event":${JSON.stringify({ ...purchase, order_id: 'e3' })}`)
    await writeFile(file, fixed)
    const first = await dlq(['redrive', '--events', file, '--max-failures', '1'])
    expect(first.code).toBe(1)
    expect(first.stdout).toContain('1 of 3 events of edited failed again in redrive 1 by')
    const [open] = await json('list', '--partner', 'edited')
    expect(open).toMatchObject({ id, events: 1, reasons: ['amount_not_a_number'] })
    const staged = await rows(
      `SELECT order_id FROM streaming.staging_purchase WHERE batch_id = @id ORDER BY order_id`,
      { id },
    )
    expect(staged).toEqual([{ order_id: 'e1' }, { order_id: 'e3' }])
    const about = ['report', '--partner', 'edited'] as const
    expect(await json(...about)).toMatchObject({ rejected: 3, corrected: 2, waiting: 1 })
    const rest = await dlq(['redrive', '--events', file, '--dry-run'])
    expect([rest.code, rest.stdout]).toEqual([
      0,
      expect.stringContaining('reject again 1. 2 events of the file were done before.'),
    ])
    expect((await dlq(['redrive', id, '--patch', FIX])).code).toBe(0)
    const again = await dlq(['redrive', '--events', file])
    expect([again.code, again.stdout]).toEqual([
      0,
      expect.stringMatching(/closed before; .*\n3 events of the file were done before\.\n$/),
    ])
    await writeFile(file, fixed.replace(/"message_id":"[^"]*"/, '"message_id":"elsewhere"'))
    const foreign = await dlq(['redrive', '--events', file])
    expect([foreign.code, foreign.stderr]).toEqual([
      2,
      expect.stringMatching(/^Line 1 of .* elsewhere is no event of .*Nothing was redriven.*\n$/),
    ])
    expect(await json('list', '--partner', 'edited')).toEqual([])
    const report = await json(...about)
    expect(report).toMatchObject({ rejected: 3, corrected: 3, waiting: 0 })
    expect(report.reasons.map((row: { open: number }) => row.open)).toEqual([0, 0])
    expect((await dlq(about)).stdout).toContain('Nothing has to be published again')
    expect((await json('show', id)).history).toMatchObject([
      { attempt: 1, outcome: 'failed', events: 3, failed: 1 },
      { attempt: 2, outcome: 'closed', events: 1, failed: 0 },
    ])
  }, 120_000)

  test('what Segment refused goes to Segment only', async () => {
    await failCalls(stack().segment.url, { status: 400, match: '"refused-s1"' })
    const id = await fail('segment', bad('s1', 'segment', { customer_id: 'refused-s1' }))
    await clearFaults(stack().segment.url)
    expect((await dlq(['redrive', '--query', 'partner=segment stage=activation'])).code).toBe(0)
    expect(
      await rows('SELECT batch_id FROM streaming.staging_purchase WHERE batch_id = @id', { id }),
    ).toEqual([])
    expect(
      await rows('SELECT outcome FROM streaming.activation_log WHERE batch_id = @id', { id }),
    ).toEqual([{ outcome: 'accepted' }])
  }, 60_000)

  test('a dead letter Temporal has forgotten is redriven from the table', async () => {
    const id = await fail('forgotten', bad('f1', 'forgotten'))
    const { runId } = await client.workflow.getHandle(id).describe()
    const { namespace } = client.options
    await client.workflowService.deleteWorkflowExecution({
      namespace,
      workflowExecution: { workflowId: id, runId },
    })
    await waitFor(async () => (await runsOf(id)).length === 0, 'Temporal to forget it')
    expect(await json('redrive', id, '--patch', FIX)).toMatchObject({ closed: 1, events: 1 })
    expect(await json('list', '--partner', 'forgotten')).toEqual([])
    const { namespace: _, ...forget } = { namespace, workflowExecution: { workflowId: id } }
    await client.workflowService.deleteWorkflowExecution({ namespace, ...forget })
    await waitFor(async () => (await runsOf(id)).length === 0, 'Temporal to forget that, too')
    expect((await dlq(['redrive', id])).stdout).toContain('closed before; nothing was changed')
    expect(await runsOf(id)).toEqual([])
  }, 90_000)

  test('two people at once: one of them redrives it, the other changes nothing', async () => {
    const id = await fail('both', ...Array.from({ length: 5 }, (_, i) => bad(`b${i}`, 'both')))
    const both = await Promise.all([
      dlq(['redrive', id, '--patch', FIX]),
      dlq(['redrive', id, '--patch', FIX]),
    ])
    const words = both.map(({ stdout }) => stdout).join('\n')
    expect(words).toContain('5 events of 1 dead letter redriven: 5 done, 0 failed again.')
    expect(words).toMatch(/nothing was changed/)
    expect(
      await rows('SELECT order_id FROM streaming.staging_purchase WHERE batch_id = @id', { id }),
    ).toHaveLength(5)
    expect((await json('show', id)).history).toHaveLength(1)
  }, 60_000)
})

test('Ctrl-C stops a slow redrive; the same command goes on with what is open', async () => {
  const ids: string[] = []
  for (const name of ['i1', 'i2', 'i3']) ids.push(await fail('slow', bad(name, 'slow')))
  const args = ['redrive', '--query', 'partner=slow', '--patch', FIX]
  const running = startCommand(['dlq', ...args, '--rate', '0.05'], undefined, environment())
  const isBegun = async () => (await json('list', '--partner', 'slow')).length === 2
  await waitFor(isBegun, 'the first of them to be redriven', 30_000)
  const isCompleted = async () => (await Promise.all(ids.map(runsOf))).flat().includes('COMPLETED')
  await waitFor(isCompleted, 'its run to complete')
  // The command learns of it a moment later; its next run is twenty seconds away.
  await sleep(3_000)
  running.child.kill('SIGINT')
  const { code, stdout } = await running.finished
  expect([code, stdout]).toEqual([
    130,
    expect.stringMatching(/1 event of 1 dead letter redriven.*\nStopped\./),
  ])
  expect(await json(...args)).toMatchObject({ dead_letters: 2, closed: 2 })
  expect(await json('list', '--partner', 'slow')).toEqual([])
}, 120_000)

describe('BigQuery answers queries, and takes no row', () => {
  const refuse = () => failInserts(stack().bigquery.url, { status: 503 })
  const accept = () => clearFaults(stack().bigquery.url)
  const redriving = (id: string) =>
    startCommand(['dlq', 'redrive', id, '--patch', FIX], undefined, environment())
  const staged = (id: string) =>
    rows('SELECT order_id FROM streaming.staging_purchase WHERE batch_id = @id', { id })

  test('whoever waits is told why, and is served once it takes them', async () => {
    const id = await fail('waiting', bad('w1', 'waiting'))
    await refuse()
    const running = redriving(id)
    await waitFor(() => running.stderr().includes('also after Ctrl-C'), 'the words', 40_000)
    expect(running.stderr()).toMatch(
      /^warehouse_unavailable \(1\): BigQuery did not answer.*\n {2}It says: BigQuery staging_purchase: answered 503.*\n {2}What to do: .*\n {2}It gives up at .*\nNothing is lost: .*\n$/,
    )
    expect(await json('list', '--partner', 'waiting')).toHaveLength(1)
    const second = await dlq(['redrive', id, '--patch', FIX])
    expect([second.code, second.stdout]).toEqual([
      1,
      expect.stringContaining('somebody is handling it at this moment; nothing was changed'),
    ])
    await accept()
    const { code, stdout } = await running.finished
    expect([code, stdout]).toEqual([
      0,
      '1 event of 1 dead letter redriven: 1 done, 0 failed again.\n',
    ])
    expect(await staged(id)).toEqual([{ order_id: 'w1' }])
    expect(await json('list', '--partner', 'waiting')).toEqual([])
  }, 120_000)

  test('whoever leaves with Ctrl-C leaves the run to go on', async () => {
    const id = await fail('leaving', bad('w2', 'leaving'))
    await refuse()
    const running = redriving(id)
    await waitFor(async () => (await runsOf(id)).includes('RUNNING'), 'the run to start', 60_000)
    running.child.kill('SIGINT')
    const leftAt = performance.now()
    const { code, stdout } = await running.finished
    expect(performance.now() - leftAt).toBeLessThan(5_000)
    expect([code, stdout]).toEqual([
      130,
      expect.stringMatching(
        /^Nothing was redriven yet\.\nStopped\. 1 run under way goes on by itself/,
      ),
    ])
    expect(await json('list', '--partner', 'leaving')).toHaveLength(1)
    await accept()
    await dlq(['retry-stuck', '--minutes', '0', '--attempts', '1', '--now'])
    const isClosed = async () => (await json('list', '--partner', 'leaving')).length === 0
    await waitFor(isClosed, 'the run to close it', 40_000)
    expect(await staged(id)).toEqual([{ order_id: 'w2' }])
    expect((await json('show', id)).history).toMatchObject([{ attempt: 1, outcome: 'closed' }])
  }, 120_000)
})

test('Temporal goes away half way: one line says that nothing is lost, and the run goes on', async () => {
  const id = await fail('cut', bad('c1', 'cut'))
  const proxy = await startTcpProxy(stack().temporal.address)
  await failInserts(stack().bigquery.url, { status: 503 })
  const running = startCommand(['dlq', 'redrive', id, '--patch', FIX], undefined, {
    ...environment(),
    TEMPORAL_ADDRESS: proxy.address,
  })
  await waitFor(async () => (await runsOf(id)).includes('RUNNING'), 'the run to start', 60_000)
  proxy.goAway()
  const { code, stderr, stdout } = await running.finished
  await clearFaults(stack().bigquery.url)
  expect([code, stdout]).toEqual([1, ''])
  expect(stderr).toMatch(
    /^(warehouse_unavailable[^]*)?Temporal does not answer any more\. Runs that were started go on .*\n {2}because: .*\n$/,
  )
  await dlq(['retry-stuck', '--minutes', '0', '--attempts', '1', '--now'])
  const isClosed = async () => (await json('list', '--partner', 'cut')).length === 0
  await waitFor(isClosed, 'the run to close it', 40_000)
}, 120_000)

test('discard closes for good, and records who and why', async () => {
  const id = await fail('discarded', bad('x1', 'discarded'))
  expect((await dlq(['discard', id])).code).toBe(2)
  const { code } = await dlq([
    'discard',
    '--query',
    'partner=discarded',
    '--reason',
    'a test',
    '--actor',
    'ben',
  ])
  expect(code).toBe(0)
  expect(await json('list', '--partner', 'discarded')).toEqual([])
  expect((await json('show', id)).history).toMatchObject([
    { action: 'discard', actor: 'ben', reason: 'a test' },
  ])
  expect((await dlq(['redrive', id])).stdout).toContain('closed before')
  expect((await dlq(['report', '--partner', 'discarded'])).stdout).toContain(
    'Corrected since: **0**. Still to be corrected: **0**. Closed uncorrected: **1**.',
  )
}, 60_000)

describe('a bad day is one clear line, and nothing is changed', () => {
  let id: string
  beforeAll(async () => {
    id = await fail('unlucky', bad('u1', 'unlucky'), message('not json', from('unlucky')))
  })

  const line = (start: string) => expect.stringMatching(new RegExp(`^${start}[^\n]*\n$`))

  test.each<[string, readonly string[], string]>([
    [
      'a patch that applies to no place',
      ['--patch', '[{"op":"replace","path":"/amuont","value":1}]'],
      'The patch does not apply to message',
    ],
    [
      'a patch whose test fails',
      ['--patch', '[{"op":"test","path":"/amount","value":"y"}]'],
      'The patch does not apply to message',
    ],
    ['a patch for what is no JSON', ['--patch', FIX], 'The patch does not apply to message'],
    ['a patch that is none', ['--patch', '[{"op":"change"}]'], '--patch is no JSON Patch'],
    ['a patch that is not JSON', ['--patch', '[{'], '--patch is not JSON'],
    ['a patch that is no list', ['--patch', '{"op":"remove"}'], 'Cannot read the patch {"op"'],
    [
      'a patch file that is not there',
      ['--patch', 'no-such.json'],
      'Cannot read the patch no-such.json',
    ],
    [
      'an event file that is not there',
      ['--events', 'no-such.ndjson'],
      'Cannot read events from no-such.ndjson',
    ],
    [
      'a query Temporal does not take',
      ['--query', 'Nonsense = 5'],
      'Temporal does not take --query',
    ],
    ['a stage there is not', ['--query', 'stage=stagging'], '--query: stage=stagging is none of'],
  ])('%s', async (_name, args, words) => {
    const asked = args.includes('--query') ? args : [id, ...args]
    const { code, stderr, stdout } = await dlq(['redrive', ...asked])
    expect({ code, stderr, stdout }).toEqual({ code: 2, stderr: line(words), stdout: '' })
    expect(await runsOf(id)).toEqual(['FAILED'])
  })

  test('a file with events of another dead letter', async () => {
    const other = await fail('other', bad('o1', 'other'))
    const file = fileOf('other.ndjson')
    files.push(file)
    await dlq(['show', other, '--export', file])
    const { code, stderr } = await dlq(['redrive', id, '--events', file])
    expect([code, stderr]).toEqual([2, line('The file has events of')])
    expect(await runsOf(id)).toEqual(['FAILED'])
    const again = await dlq(['show', other, '--export', file])
    expect([again.code, again.stderr]).toEqual([2, expect.stringContaining('is there already')])
  }, 60_000)

  test('one whose bytes are nowhere stops none of the others, and says so', async () => {
    const lost = {
      dead_letter_id: 'dead-letter/batch-lost/nowhere-00000000/validation',
      stage: 'validation',
      partner_id: 'nowhere',
      reasons: ['too_large'],
      faults: '[]',
      data: null,
      attributes: '{}',
      message_id: 'lost',
      publish_time: '2026-11-20T09:00:00Z',
      batch_id: 'batch-lost',
    }
    await bigqueryAt(stack().bigquery.url).dataset('streaming').table('dead_letter').insert(lost)
    const asked = ['redrive', '--query', 'partner=nowhere']
    const why = /: the bytes of message lost are neither in .* or discard the dead letter\./
    const none = await dlq([...asked, '--dry-run'])
    expect([none.code, none.stderr, none.stdout]).toEqual([
      1,
      expect.stringMatching(why),
      expect.stringMatching(
        /^1 dead letter cannot be sent: [0-9a-f]{8}\. Nothing was changed\.\n$/,
      ),
    ])
    await fail('nowhere', bad('n1', 'nowhere'))
    const dry = await dlq([...asked, '--dry-run', '--json'])
    expect([dry.code, dry.stderr]).toEqual([1, expect.stringMatching(why)])
    expect(JSON.parse(dry.stdout)).toMatchObject([
      { would: 'reject again' },
      { would: 'be refused', why: expect.stringContaining('the bytes of message lost') },
    ])
    const { code, stdout } = await dlq(asked)
    expect(code).toBe(1)
    expect(stdout).toMatch(/^1 event of 1 dead letter redriven: 0 done, 1 failed again\.\n/)
    expect(stdout).toMatch(why)
  }, 60_000)

  test('events that were edited to be too large', async () => {
    const file = fileOf('large.ndjson')
    files.push(file)
    await dlq(['show', id, '--export', file])
    const text = await readFile(file, 'utf8')
    await writeFile(
      file,
      text.replace('"car_model":"SUV"', `"car_model":"${'x'.repeat(1_100_000)}"`),
    )
    const { code, stderr } = await dlq(['redrive', '--events', file])
    expect([code, stderr]).toEqual([
      2,
      expect.stringMatching(
        /^[0-9a-f]{8} \(dead-letter.*\): message m\d+ has 1,1\d\d,\d{3} bytes, and an event may have 1,048,576\..* Nothing was redriven\.\n$/,
      ),
    ])
    expect(await runsOf(id)).toEqual(['FAILED'])
  })

  test('no worker', async () => {
    const { code, stderr } = await dlq(['redrive', id], { TEMPORAL_TASK_QUEUE: 'nobody' })
    expect([code, stderr]).toEqual([2, line('No worker serves task queue nobody')])
    expect(await runsOf(id)).toEqual(['FAILED'])
  })

  test('BigQuery away', async () => {
    const { code, stderr } = await dlq(['redrive', id], {
      BIGQUERY_EMULATOR_HOST: 'http://127.0.0.1:9/bigquery/v2',
    })
    expect([code, stderr]).toEqual([1, line('BigQuery does not answer \\(http.* once it does')])
    expect(await runsOf(id)).toEqual(['FAILED'])
  })

  test('a BigQuery without tables', async () => {
    const empty = await startLocalBigQuery({ file: fileOf('empty.duckdb') })
    files.push(fileOf('empty.duckdb'))
    try {
      for (const args of [['list'], ['report', '--partner', 'unlucky']]) {
        const { code, stderr } = await dlq(args, { BIGQUERY_EMULATOR_HOST: empty.url })
        expect([code, stderr]).toEqual([1, line('BigQuery .* says: Not found: .*`npm run setup`')])
      }
    } finally {
      await empty.close()
    }
  })

  test('a reason that is no line', async () => {
    const { code, stderr } = await dlq(['redrive', id, '--reason', 'one\ntwo'])
    expect([code, stderr]).toEqual([2, line('--reason cannot be used: give one line')])
    expect(await runsOf(id)).toEqual(['FAILED'])
  })
})
