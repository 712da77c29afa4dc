// Every command over text that means something to a terminal, to a spreadsheet or to Markdown: it is shown, and does nothing.
// A command that is added later must be added to COMMANDS, and with it each form of its output.

import { randomUUID } from 'node:crypto'
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals'
import { Worker } from '@temporalio/worker'
import { parse } from 'csv-parse/sync'
import pLimit from 'p-limit'
import { fromVisible, visibleInLine, WORKFLOW } from '#contracts'
import { failure } from '#runtime/service-error'
import { connectWorker } from '#runtime/temporal'
import { createActivities } from '../../../activities/index.ts'
import { printReport } from '../../../cli/demo/report.ts'
import { readLedger } from '../../../deploy/local/demo/ledger.ts'
import { stackDir } from '../../../deploy/local/paths.ts'
import { message, purchase } from '../../fixtures/messages.ts'
import { batchOf, metrics } from '../../support/activities.ts'
import { CANARY_TEXTS } from '../../support/canaries.ts'
import { activeIn } from '../../support/markdown.ts'
import { unsafeIn } from '../../support/neutral.ts'
import { clearFaults, failCalls, rowsOf } from '../../support/parts.ts'
import { usePipeline } from '../../support/pipeline.ts'
import { type Finished, runCommand } from '../../support/run-command.ts'
import { waitFor } from '../../support/wait-for.ts'
import { runWarmCommand } from '../../support/warm-command/run.ts'
import { installQuietRuntime, workflowBundle } from '../../support/workflows.ts'

installQuietRuntime()
const pipeline = usePipeline()
const folder = join(stackDir, `canaries-${randomUUID()}`)

const limit = pLimit(3)

/** Several canaries in one text that still fits into an id, of which nothing is trimmed. */
const PARTNERS = [0, 1, 2, 3, 4].map((lot) => {
  const text = CANARY_TEXTS.filter((_, i) => i % 5 === lot).join(' ')
  return `< ${text.slice(0, 246)} >`.toWellFormed()
})
const [PARTNER = ''] = PARTNERS
const partnerOf = (i: number) => PARTNERS[i % PARTNERS.length] ?? ''
/** What a shell can hand to a command: no text there has a null character. */
const TYPED = CANARY_TEXTS.join(' ').replaceAll('\u0000', '')
const REFUSED = 'refused by Segment'

function eventsOf(canary: string, i: number): object[] {
  const common = {
    ...purchase,
    order_id: canary,
    customer_id: canary,
    car_model: canary,
    event_id: `${canary}${i}`,
    timestamp: new Date().toISOString(),
    email: `${i}@example.com`,
    [canary]: canary,
  }
  const cancelled = { ...common, type: 'cancellation', order_id: `${canary}-${i}`, reason: canary }
  return [
    common,
    { ...cancelled, amount: undefined },
    { ...common, amount: canary, currency: canary, consent: { [canary]: canary } },
    // An order of its own: Segment refuses a call, and all purchases of an order are one.
    { ...common, order_id: `${canary}+${i}`, event_id: `${i}`, car_model: REFUSED },
  ]
}

const published = CANARY_TEXTS.flatMap((canary, i) => {
  const attributes = { partner_id: partnerOf(i), note: canary }
  const texts = [...eventsOf(canary, i).map((event) => JSON.stringify(event)), canary]
  return texts.map((data) => ({ data: Buffer.from(data), attributes }))
})

type Letter = { readonly id: string; readonly short_id: string; readonly partner_id: string }
const letters: Letter[] = []

beforeAll(async () => {
  const { send, stack } = pipeline()
  await mkdir(folder, { recursive: true })
  await failCalls(stack.segment.url, { status: 400, match: REFUSED })
  await send(published)
  await clearFaults(stack.segment.url)
  await leaveStuck(TYPED)
  letters.push(...JSON.parse((await run(['dlq', 'list', '--json'])).stdout))
  await writeFiles()
}, 240_000)
afterAll(async () => {
  await rm(folder, { recursive: true, force: true })
})

/** Leaves a batch whose step failed with this text, and waits for a person. */
async function leaveStuck(text: string): Promise<void> {
  const taskQueue = randomUUID()
  const { temporal } = pipeline()
  const activities = createActivities({
    warehouse: { append: async () => Promise.reject(failure('warehouse_setup', text)) },
    segment: { deliver: async () => null },
    lookUpOrders: async () => new Map(),
    temporal,
    taskQueue,
    segmentNamespace: 'test',
    metrics,
  })
  const connected = await connectWorker()
  const worker = await Worker.create({
    ...connected,
    taskQueue,
    workflowBundle: workflowBundle(),
    activities,
  })
  const workflowId = `batch-${randomUUID()}`
  const args = [batchOf(message())]
  await worker.runUntil(async () => {
    await temporal.workflow.start(WORKFLOW.processBatch, { workflowId, taskQueue, args })
    const isStuck = async () => {
      const { raw } = await temporal.workflow.getHandle(workflowId).describe()
      return raw.pendingActivities?.some(({ lastFailure }) => lastFailure?.message)
    }
    await waitFor(isStuck, 'a step to be stuck', 60_000)
  })
  await connected.connection.close()
}

const fileOf = (name: string) => join(folder, name)

async function writeFiles(): Promise<void> {
  const line = { dead_letter_id: TYPED, message_id: TYPED, publish_time: TYPED, event: {} }
  await writeFile(fileOf('foreign.ndjson'), `${JSON.stringify(line)}\n`)
  await writeFile(fileOf('broken.ndjson'), `${TYPED}\n`)
  const patch = [{ op: 'replace', path: `/${TYPED}`, value: TYPED }]
  await writeFile(fileOf('patch.json'), JSON.stringify(patch))
  const named = { [TYPED]: { name: TYPED, default_consent: { [TYPED]: true } } }
  await writeFile(fileOf('partners.yaml'), JSON.stringify({ partners: named }))
  const off = { [PARTNER]: { activation: { enabled: false } } }
  await writeFile(fileOf('off.yaml'), JSON.stringify({ partners: off }))
  await writeFile(fileOf('on.yaml'), JSON.stringify({ partners: off }))
  await writeFile(fileOf('prices.json'), JSON.stringify({ [TYPED]: TYPED, temporalActions: TYPED }))
  await writeFile(
    fileOf('send.ndjson'),
    CANARY_TEXTS.map((text) => JSON.stringify(text)).join('\n'),
  )
}

function run(args: readonly string[], own: Readonly<Record<string, string>> = {}, main?: string) {
  const env = { ...pipeline().stack.env, GOOGLE_CLOUD_PROJECT: 'local', ...own }
  return main ? runCommand(args, main, env) : runWarmCommand(args, env)
}

/** A run of a command; `form` says what its stdout is, `shows` that partners' text is in it. */
type Case = {
  readonly args: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  readonly form?: 'text' | 'json' | 'ndjson' | 'csv' | 'markdown'
  readonly shows?: boolean
}

const publicApi = (planId: string) => ({
  SEGMENT_PUBLIC_API_HOST: pipeline().stack.segment.url,
  SEGMENT_TRACKING_PLAN_ID: planId,
})
const text = (...args: string[]): Case => ({ args, shows: true })
const json = (...args: string[]): Case => ({ args, form: 'json', shows: true })
const csv = (...args: string[]): Case => ({ args, form: 'csv', shows: true })
const refused = (...args: string[]): Case => ({ args })

const some = () => letters.find(({ partner_id }) => partner_id === PARTNER) ?? { short_id: '' }
const TABLES = ['audit_log', 'staging_purchase', 'staging_cancellation', 'dead_letter']
const SQL = TABLES.map((table) => `SELECT * FROM streaming.${table}`)

/** Each command by its name, with every form of its output and every way it refuses. */
const COMMANDS: Readonly<Record<string, () => readonly Case[]>> = {
  demo: () => [refused('--count', TYPED), refused('--events'), refused('--json', TYPED)],
  setup: () => [
    { args: [] },
    { args: ['--json'], form: 'json' },
    { args: [], env: { PUBSUB_TOPIC: TYPED, BIGQUERY_LOCATION: TYPED } },
    { args: [], env: { SWEEP_INTERVAL_MINUTES: TYPED } },
  ],
  send: () => [
    { args: ['--count', '1'] },
    { args: ['--events', fileOf('send.ndjson'), '--json'], form: 'json' },
    refused('--events', fileOf(TYPED.replaceAll('/', ''))),
    refused('--topic', TYPED),
    refused('--rate', TYPED),
  ],
  query: () => [
    ...SQL.flatMap((sql) => [text(sql), csv(sql, '--csv')]),
    json(SQL[0] ?? '', '--json'),
    text(`SELECT partner_id, COUNT(*) AS n FROM streaming.audit_log GROUP BY partner_id`),
    refused(`SELECT '${TYPED}`),
    refused(`SELECT 1 AS \`${TYPED}\``),
  ],
  trace: () => [
    text('\u001b[2J'),
    text(visibleInLine('\u001b[2J')),
    json('\u001b[2J', '--json'),
    refused(TYPED),
    refused(TYPED, '--json', '--partner', TYPED),
    refused('x', '--since', TYPED),
  ],
  'tracking-plan diff': () => [
    {
      args: ['--json'],
      env: { SEGMENT_PUBLIC_API_TOKEN: 't', ...publicApi('tp_1') },
      form: 'json',
    },
    { args: [], env: { SEGMENT_PUBLIC_API_TOKEN: 't', ...publicApi('tp_1') } },
    refused('--plan', TYPED),
    { args: [], env: { SEGMENT_PUBLIC_API_TOKEN: 't', ...publicApi(TYPED) } },
    { args: [], env: { SEGMENT_PUBLIC_API_HOST: TYPED } },
  ],
  'tracking-plan push': () => [
    { args: [], env: { SEGMENT_PUBLIC_API_TOKEN: 't', ...publicApi('tp_2') } },
    {
      args: ['--json'],
      env: { SEGMENT_PUBLIC_API_TOKEN: 't', ...publicApi('tp_3') },
      form: 'json',
    },
    { args: [], env: { SEGMENT_PUBLIC_API_TOKEN: 't', ...publicApi(TYPED) } },
  ],
  'partners check': () => [
    { args: [] },
    { args: ['--json'], form: 'json' },
    { args: [], env: { PARTNERS_FILE: fileOf('broken.ndjson') } },
    { args: [], env: { PARTNERS_FILE: TYPED } },
    refused('--json', TYPED),
  ],
  'partners show': () => [
    text(TYPED),
    json(TYPED, '--json'),
    { args: [TYPED], env: { PARTNERS_FILE: fileOf('partners.yaml') } },
  ],
  doctor: () => [
    { args: [] },
    { args: ['--json'], form: 'json' },
    {
      args: [],
      env: { PUBSUB_TOPIC: TYPED, TEMPORAL_TASK_QUEUE: TYPED, SEGMENT_WRITE_KEY: TYPED },
    },
    { args: [], env: { PARTNERS_FILE: TYPED, LOG_LEVEL: TYPED, PAYLOAD_KEYS: TYPED } },
  ],
  replay: () => [
    text('--since', '1d', '--dry-run'),
    json('--since', '1d', '--dry-run', '--json'),
    { args: ['--since', '1d', '--partner', TYPED, '--batch', TYPED] },
    { args: ['--since', '1d', '--batch', TYPED, '--json'], form: 'json' },
    refused('--since', TYPED),
    refused('--checkpoint', fileOf('broken.ndjson')),
    refused('--since', '1d', '--type', TYPED),
  ],
  erase: () => [
    {
      args: ['--partner', visibleInLine(PARTNER), '--customer', visibleInLine(TYPED), '--dry-run'],
    },
    { args: ['--partner', PARTNER, '--customer', TYPED, '--dry-run', '--json'], form: 'json' },
    { args: ['--partner', PARTNER, '--customer', TYPED, '--status'] },
    {
      args: [
        '--partner',
        PARTNER,
        '--customer',
        'unknown-customer',
        '--reason',
        '<b> =1+1',
        '--no-wait',
        '--json',
      ],
      form: 'json',
    },
    {
      args: ['--partner', PARTNER, '--customer', 'unknown-customer', '--status', '--json'],
      form: 'json',
    },
    refused('--partner', PARTNER, '--customer', TYPED, '--reason', TYPED),
    refused('--partner', TYPED),
  ],
  cost: () => [
    refused('--measured', TYPED),
    refused('--prices', fileOf('prices.json')),
    refused('--json', '--plan', TYPED),
    { args: ['--json', '--measured', fileOf(TYPED.replaceAll('/', ''))] },
  ],
  'dlq summary': () => [
    text(),
    json('--json'),
    text('--partner', PARTNER),
    refused('--partner', TYPED),
    refused('--stage', TYPED),
  ],
  'dlq list': () => [text(), json('--json', '--all'), text('--partner', visibleInLine(PARTNER))],
  'dlq show': () => [
    text(some().short_id),
    json(some().short_id, '--json'),
    json(some().short_id, '--json', '--personal'),
    { args: [some().short_id, '--export', '-'], form: 'ndjson', shows: true },
    { args: [some().short_id, '--export', fileOf('export.ndjson')] },
    refused(some().short_id, '--export', join(folder, 'none', TYPED)),
    refused(TYPED),
  ],
  'dlq report': () => [
    ...PARTNERS.map(
      (partner): Case => ({ args: ['--partner', visibleInLine(partner)], form: 'markdown' }),
    ),
    csv('--partner', PARTNER, '--csv'),
    json('--partner', PARTNER, '--json', '--open'),
    { args: ['--partner', PARTNER, '--out', fileOf('report.md')] },
    refused('--partner', TYPED),
    refused('--partner', PARTNER, '--out', join(folder, 'none', TYPED)),
  ],
  'dlq redrive': () => [
    { args: [some().short_id, '--dry-run'] },
    { args: [some().short_id, '--dry-run', '--json'], form: 'json' },
    { args: [some().short_id, '--patch', fileOf('patch.json'), '--reason', 'x'] },
    refused('--all', '--patch', TYPED, '--reason', 'x'),
    refused('--query', TYPED, '--reason', 'x'),
    refused('--query', `partner="${TYPED}" x=1`, '--reason', 'x'),
    refused('--events', fileOf('foreign.ndjson'), '--reason', 'x'),
    refused('--events', fileOf('broken.ndjson'), '--reason', 'x'),
    refused('--events', fileOf(TYPED.replaceAll('/', '')), '--reason', 'x'),
    { args: [some().short_id, '--reason', 'x', '--json'], form: 'json' },
    { args: [some().short_id, '--reason', 'x'] },
  ],
  'dlq discard': () => [
    refused(TYPED, '--reason', 'x'),
    refused(some().short_id, '--reason', TYPED),
    refused(some().short_id, '--reason', 'x', '--actor', 'a\u202eb'),
    { args: [some().short_id, '--reason', '<b> =1+1 www.evil.example', '--json'], form: 'json' },
  ],
  'activation status': () => [
    { args: [], env: { PARTNERS_FILE: fileOf('off.yaml') }, shows: true },
    { args: ['--json'], form: 'json' },
    { args: [], env: { PARTNERS_FILE: fileOf('broken.ndjson') } },
    refused('--days', TYPED),
  ],
  'activation pause': () => [
    { args: ['--reason', '<b> =1+1 www.evil.example'] },
    { args: ['--reason', '<b> =1+1 www.evil.example', '--json'], form: 'json' },
    refused('--reason', TYPED),
    refused('--reason', 'x', '--actor', 'a\u202eb'),
  ],
  'activation rate': () => [
    { args: ['1000', '--calls', '1'] },
    { args: ['1000', '--calls', '1', '--json'], form: 'json' },
    refused(TYPED),
    refused('1', '--calls', TYPED),
  ],
  'activation resume': () => [
    { args: [] },
    { args: ['--json'], form: 'json' },
    refused('--reason', TYPED),
  ],
  'activation off': () => [
    { args: ['--partner', PARTNER], env: { PARTNERS_FILE: fileOf('off.yaml') }, shows: true },
    {
      args: ['--partner', PARTNER, '--json', '--channel', 'google-ads'],
      env: { PARTNERS_FILE: fileOf('off.yaml') },
      form: 'json',
      shows: true,
    },
    { args: ['--partner', TYPED], env: { PARTNERS_FILE: fileOf('off.yaml') } },
    { args: ['--partner', 'x'], env: { PARTNERS_FILE: fileOf('broken.ndjson') } },
    { args: ['--partner', 'x'], env: { PARTNERS_FILE: TYPED } },
    refused('--partner', 'x', '--channel', TYPED),
  ],
  'activation on': () => [
    { args: ['--partner', PARTNER], env: { PARTNERS_FILE: fileOf('on.yaml') }, shows: true },
    {
      args: ['--partner', PARTNER, '--json'],
      env: { PARTNERS_FILE: fileOf('on.yaml') },
      form: 'json',
      shows: true,
    },
  ],
  'dlq retry-stuck': () => [
    text('--minutes', '0', '--attempts', '1'),
    json('--minutes', '0', '--attempts', '1', '--json'),
    refused('--minutes', TYPED),
    { args: ['--minutes', '0'], env: { TEMPORAL_ADDRESS: `127.0.0.1:1${TYPED}` } },
  ],
}

const VISIBLE = /\\u(001b|009b|202e|2066|2028)/

const FORMULA = /^\s*[=+\-@\t＝＋－＠]/

/** Columns of numbers, of the tables and of the report. */
const NUMBERS = /^(amount|year|vehicle_year|events|.*_in_period|still_open|part)$/

/** Everything that is wrong with an output, in words. */
function faultsOf({ stdout, stderr }: Finished, { form = 'text', shows }: Case): string[] {
  return [
    ...unsafeIn(stdout).map((one) => `stdout has ${one}`),
    ...unsafeIn(stderr).map((one) => `stderr has ${one}`),
    ...(shows && !VISIBLE.test(stdout) ? ['stdout shows nothing of the partner'] : []),
    ...FAULTS[form](stdout),
  ]
}

const isJson = (given: string): boolean => {
  try {
    JSON.parse(given)
    return true
  } catch {
    return false
  }
}

const FAULTS: Readonly<Record<NonNullable<Case['form']>, (stdout: string) => string[]>> = {
  text: () => [],
  json: (stdout) => (isJson(stdout) ? [] : ['stdout is not JSON']),
  ndjson: (stdout) =>
    stdout
      .trimEnd()
      .split('\n')
      .filter((line) => !isJson(line)),
  markdown: activeIn,
  csv: formulasIn,
}

function formulasIn(given: string): string[] {
  const rows: Record<string, string>[] = parse(given, { columns: true })
  if (rows.length === 0) return ['no rows']
  const cells = rows.flatMap((row) => Object.entries(row))
  return cells.flatMap(([name, cell]) =>
    FORMULA.test(name) || (FORMULA.test(cell) && !NUMBERS.test(name)) ? `${name}: ${cell}` : [],
  )
}

describe('every command', () => {
  test.each(Object.keys(COMMANDS))(
    '%s',
    async (name) => {
      const tried = (COMMANDS[name]?.() ?? []).map((one) =>
        limit(async () => {
          const finished = await run([...name.split(' '), ...one.args], one.env)
          return { args: one.args, faults: faultsOf(finished, one), ...finished }
        }),
      )
      const faulty = (await Promise.all(tried)).filter(({ faults }) => faults.length > 0)
      expect(faulty).toEqual([])
    },
    300_000,
  )
})

describe('no command and no form of an output is left out', () => {
  const namesIn = (help: string) => {
    const [list = ''] = help.split('\nCommands:\n')[1]?.split('\n\n') ?? []
    return Array.from(list.matchAll(/^ {2}([a-z][a-z-]*) /gm), ([, name = '']) => name)
  }

  test('commands', async () => {
    const top = namesIn((await run(['--help'])).stdout)
    const groups = ['dlq', 'partners', 'activation', 'tracking-plan']
    const inGroups = await Promise.all(
      groups.map(async (group) =>
        namesIn((await run([group, '--help'])).stdout).map((name) => `${group} ${name}`),
      ),
    )
    const all = [...top.filter((name) => !groups.includes(name)), ...inGroups.flat()]
    const commands = all.filter((name) => !/\bhelp$/.test(name))
    expect(commands.toSorted()).toEqual(Object.keys(COMMANDS).toSorted())
  })

  test.each(Object.keys(COMMANDS))('forms of %s', async (name) => {
    const { stdout } = await run([...name.split(' '), '--help'])
    expect(unsafeIn(stdout)).toEqual([])
    const forms = ['--json', '--csv', '--out', '--export', '--dry-run']
    const offered = forms.filter((form) => new RegExp(`^ {2}${form}\\b`, 'm').test(stdout))
    const tried = (COMMANDS[name]?.() ?? []).flatMap(({ args }) => args)
    expect(offered.filter((form) => !tried.includes(form))).toEqual([])
  })
})

test('files that were written are as neutral as what is printed', async () => {
  const exported = await readFile(fileOf('export.ndjson'), 'utf8')
  const report = await readFile(fileOf('report.md'), 'utf8')
  expect([unsafeIn(exported), unsafeIn(report), activeIn(report)]).toEqual([[], [], []])
})

test('query --json has exactly what the table has, and --csv the same but for the guards', async () => {
  const sql = 'SELECT order_id, COUNT(*) AS n FROM streaming.staging_purchase GROUP BY order_id'
  const stored = await rowsOf(pipeline().bigquery, sql)
  const asJson: Record<string, unknown>[] = JSON.parse((await run(['query', sql, '--json'])).stdout)
  const byOrder = (rows: readonly Record<string, unknown>[]) =>
    new Map(rows.map((row) => [row['order_id'], Number(row['n'])]))
  expect(byOrder(asJson)).toEqual(byOrder(stored))
  const asCsv: Record<string, string>[] = parse((await run(['query', sql, '--csv'])).stdout, {
    columns: true,
  })
  const unguarded = asCsv.map(({ order_id = '', n }) => ({
    order_id: fromVisible(order_id.replace(/^'(?=\s*[=+\-@\t＝])/, '')),
    n,
  }))
  expect(byOrder(unguarded)).toEqual(byOrder(stored))
})

test('an export that is fed back unchanged changes nothing', async () => {
  const other = letters.find(({ partner_id }) => partner_id === PARTNERS[1])
  const file = fileOf('again.ndjson')
  const exported = await run(['dlq', 'show', other?.short_id ?? '', '--export', '-'])
  await writeFile(file, exported.stdout)
  const args = ['dlq', 'redrive', '--events', file, '--dry-run', '--json']
  const forecasts: { changed: boolean }[] = JSON.parse((await run(args)).stdout)
  expect(forecasts.length).toBeGreaterThan(0)
  expect(forecasts.filter(({ changed }) => changed)).toEqual([])
})

test('the report of the demo', async () => {
  const out: string[] = []
  const write = jest.spyOn(process.stdout, 'write').mockImplementation((chunk) => {
    out.push(String(chunk))
    return true
  })
  try {
    const whole = { ...pipeline(), stop: async () => {} }
    const ledger = await readLedger(whole, 1)
    await printReport({ pipeline: whole, ledger, balanced: true }, false)
  } finally {
    write.mockRestore()
  }
  expect(unsafeIn(out.join(''))).toEqual([])
  expect(out.join('')).toContain('streaming.staging_purchase')
})

test.each(['bridge/main.ts', 'workers/main.ts', 'deploy/codec-server/main.ts'])(
  '%s says what is wrong with its configuration',
  async (main) => {
    // A word with an at sign is masked as an e-mail address, and this is about what is shown.
    const typed = TYPED.replaceAll('@', ' ')
    const odd = { LOG_LEVEL: typed, HEALTH_PORT: typed, CODEC_SERVER_PORT: typed }
    const finished = await run([], { ...odd, SEGMENT_WRITE_KEY: 'x' }, main)
    expect(finished.stderr).toMatch(VISIBLE)
    expect(faultsOf(finished, { args: [] })).toEqual([])
  },
)

test('an error and a line of the log', async () => {
  const finished = await runCommand([TYPED, TYPED], 'test/support/print-error.ts')
  const [line = ''] = finished.stderr.split('\n')
  expect(JSON.parse(line)).toMatchObject({ message: TYPED, [TYPED]: TYPED, msg: TYPED })
  expect(finished.stderr).toContain('because: ')
  expect(faultsOf(finished, { args: [] })).toEqual([])
})

test('what Temporal shows of a dead letter', async () => {
  const { temporal } = pipeline()
  for (const { id } of letters.slice(0, 20)) {
    const described = await temporal.workflow.getHandle(id).describe()
    expect(unsafeIn(JSON.stringify(described.searchAttributes))).toEqual([])
    const texts = await Promise.all([described.staticSummary(), described.staticDetails()])
    expect(texts.every(Boolean)).toBe(true)
    expect(texts.map(String).flatMap(activeIn)).toEqual([])
  }
})
