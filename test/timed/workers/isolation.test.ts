// A message that a worker cannot finish with: the good events around it are staged within ten seconds, it is dead-lettered.

import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { publish } from '#operations/send/publish'
import { setUp } from '#operations/setup/setup'
import { cliConfig, readConfig } from '#runtime/config'
import type { Publishable } from '#runtime/pubsub'
import type { RunningProcess } from '../../../deploy/local/process.ts'
import { purchase } from '../../fixtures/messages.ts'
import { dlqOf } from '../../support/dlq.ts'
import { startMain } from '../../support/main-process.ts'
import { bigqueryAt, rowsOf } from '../../support/parts.ts'
import { type Harm, markOf, READING } from '../../support/poison-worker/poison.ts'
import { useStackWithTables } from '../../support/stack.ts'
import { waitFor } from '../../support/wait-for.ts'

const GOOD = 2_000
const OTHERS = 200
const STAGED_WITHIN_MS: Readonly<Record<Harm, number>> = {
  spins: 10_000,
  'spins-later': 10_000,
  // Its garbage collection uses all cores of a small machine, and the threads that take its place start slowly.
  allocates: 15_000,
}
const HEALTHY_WITHIN_MS = 500
const LIMIT_MS = 300_000

const stack = useStackWithTables('temporal', 'pubsub', 'bigquery', 'segment')
const { dlq } = dlqOf(() => stack().env)

let healthPort: number
let bridge: RunningProcess
let worker: RunningProcess
const workers: RunningProcess[] = []

beforeAll(async () => {
  await setUp(readConfig(cliConfig, process.env))
  healthPort = await freePort()
  const starts = [startMain('bridge', stack().logDir, own()), startPoisonWorker()] as const
  bridge = (await Promise.all(starts))[0]
}, LIMIT_MS)
afterAll(async () => {
  await Promise.all([bridge, ...workers].map((one) => one.stop()))
})

const own = (more: Readonly<Record<string, string>> = {}) => ({
  ...stack().env,
  GOOGLE_CLOUD_PROJECT: 'local',
  SEGMENT_WRITE_KEY: 'test',
  ...more,
})

async function startPoisonWorker(more: Readonly<Record<string, string>> = {}): Promise<void> {
  const env = own({ HEALTH_PORT: String(healthPort), ...more })
  worker = await startMain('poison-worker', stack().logDir, env)
  workers.push(worker)
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0)
  const address = server.address()
  server.close()
  if (address === null || typeof address === 'string') throw new Error('no port is free')
  return address.port
}

const event = (run: string, partner: string, more: object = {}): Publishable => ({
  data: Buffer.from(
    JSON.stringify({
      ...purchase,
      order_id: randomUUID(),
      car_model: run,
      timestamp: new Date().toISOString(),
      ...more,
    }),
  ),
  attributes: { partner_id: partner },
})

const rows = (query: string, params: Record<string, unknown> = {}) =>
  rowsOf(bigqueryAt(stack().bigquery.url), query, params)

const countOf = async (query: string, params: Record<string, unknown>) =>
  Number((await rows(query, params))[0]?.['n'])

const stagedOf = (run: string) =>
  countOf(
    'SELECT COUNT(DISTINCT order_id) AS n FROM streaming.staging_purchase WHERE car_model = @run',
    { run },
  )

/** Publishes good events around a marked one, and measures how long the good ones take. */
async function publishAround(run: string, poison: Publishable): Promise<number> {
  const good = Array.from({ length: GOOD }, () => event(run, 'dealer-7'))
  const others = Array.from({ length: OTHERS }, () => event(run, 'dealer-8'))
  const messages = [...good.slice(0, 700), poison, ...others, ...good.slice(700)]
  await publish(readConfig(cliConfig, process.env), messages, { topic: 'car-events' })
  const began = performance.now()
  await waitFor(
    async () => (await stagedOf(run)) === GOOD + OTHERS,
    'the good events to be staged',
    60_000,
  )
  return performance.now() - began
}

/** How much longer than its CPU time a moment of work takes here: 1 on a machine that has nothing else to do. */
function slowdown(): number {
  const began = { wall: performance.now(), cpu: process.cpuUsage() }
  while (process.cpuUsage(began.cpu).user < 20_000);
  const { user, system } = process.cpuUsage(began.cpu)
  return Math.max(1, (performance.now() - began.wall) / ((user + system) / 1000))
}

/** The longest time that /healthz took to answer 200 during `work`, and how slow the machine was meanwhile. */
async function watchHealth<T>(work: () => Promise<T>) {
  const done = new AbortController()
  const watch = (async () => {
    let longest = 0
    const slowdowns: number[] = []
    while (!done.signal.aborted) {
      const began = performance.now()
      const { status } = await fetch(`http://127.0.0.1:${healthPort}/healthz`)
      longest = Math.max(longest, status === 200 ? performance.now() - began : Number.NaN)
      slowdowns.push(slowdown())
      await sleep(200)
    }
    const sum = slowdowns.reduce((total, one) => total + one, 0)
    return { longest, factor: sum / slowdowns.length }
  })()
  const result = await work().finally(() => done.abort())
  return { result, ...(await watch) }
}

const deadLettersOf = (mark: string) =>
  rows(
    `SELECT dead_letter_id, stage, partner_id, reasons, attempt FROM streaming.open_dead_letter
     WHERE STRPOS(SAFE_CONVERT_BYTES_TO_STRING(data), @mark) > 0`,
    { mark },
  )

async function untilDeadLettered(mark: string) {
  const found = async () => {
    const letters = await deadLettersOf(mark)
    return letters.length > 0 && letters
  }
  return waitFor(found, 'the poison message to be dead-lettered', 60_000)
}

const bytesOf = (mark: string) =>
  rows(
    `SELECT data, decision, reasons FROM streaming.audit_log
     WHERE STRPOS(SAFE_CONVERT_BYTES_TO_STRING(data), @mark) > 0`,
    { mark },
  )

async function untilReconciled(): Promise<void> {
  const isBalanced = async () =>
    (await countOf('SELECT SUM(ABS(unaccounted)) AS n FROM streaming.reconciliation', {})) === 0
  await waitFor(isBalanced, 'the reconciliation to balance', 30_000)
}

test.each<[Harm, string, string]>([
  ['spins', READING, 'validation'],
  ['spins', 'validateEvents', 'validation'],
  ['spins-later', 'validateEvents', 'validation'],
  ['allocates', 'validateEvents', 'validation'],
  ['spins', 'stageEvents', 'staging'],
  ['spins-later', 'activateEvents', 'activation'],
])(
  'a message that %s in %s is dead-lettered at %s, and the good events go on',
  async (harm, step, stage) => {
    const run = randomUUID()
    const mark = `${markOf(harm, step)}${run}`
    const poison = event(run, 'dealer-7', { note: mark, car_model: 'poison' })
    const watched = await watchHealth(() => publishAround(run, poison))
    expect(watched.result).toBeLessThan(STAGED_WITHIN_MS[harm] * watched.factor)
    expect(watched.longest).toBeLessThan(HEALTHY_WITHIN_MS * watched.factor)

    expect(await untilDeadLettered(mark)).toMatchObject([
      { stage, partner_id: 'dealer-7', reasons: ['poison'] },
    ])
    const [audited] = await bytesOf(mark)
    expect(audited?.['data']).toEqual(Buffer.from(poison.data))
    await untilReconciled()
    expect(readFileSync(worker.logFile, 'utf8')).toContain('dead-lettered as poison')
  },
  LIMIT_MS,
)

test(
  'a worker that is killed while it isolates leaves nothing that another does not finish',
  async () => {
    const run = randomUUID()
    const mark = `${markOf('spins', 'validateEvents')}${run}`
    const isolations = () => readFileSync(worker.logFile, 'utf8').split('cannot be finished').length
    const before = isolations()
    const staging = publishAround(run, event(run, 'dealer-7', { note: mark, car_model: 'poison' }))
    await waitFor(() => isolations() > before, 'the worker to isolate the batch', 60_000)
    process.kill(worker.pid, 'SIGKILL')
    await worker.exited
    await startPoisonWorker()
    await staging
    expect(await untilDeadLettered(mark)).toMatchObject([{ reasons: ['poison'] }])
    await untilReconciled()
  },
  LIMIT_MS,
)

test(
  'a redrive fails again with the same reason, and succeeds once the cause is fixed',
  async () => {
    const run = randomUUID()
    const mark = `${markOf('spins', READING)}${run}`
    await publishAround(run, event(run, 'dealer-9', { note: mark, car_model: mark }))
    const [letter] = await untilDeadLettered(mark)
    const redrive = () => dlq('redrive', String(letter?.['dead_letter_id']), '--reason', 'a test')

    expect((await redrive()).code).toBe(1)
    expect(await deadLettersOf(mark)).toMatchObject([{ reasons: ['poison'], attempt: 1 }])

    await worker.stop()
    await startPoisonWorker({ POISON_IS_FIXED: 'true' })
    expect(await redrive()).toMatchObject({ code: 0 })
    expect(await deadLettersOf(mark)).toEqual([])
    expect(await stagedOf(mark)).toBe(1)
    await untilReconciled()

    // A test that is tried again needs the worker of before.
    await worker.stop()
    await startPoisonWorker()
  },
  LIMIT_MS,
)
