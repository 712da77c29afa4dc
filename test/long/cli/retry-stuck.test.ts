// `dlq retry-stuck` on real parts: it finds what does not go on, says why and what to do, and hurries it.

import { randomUUID } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import { afterEach, expect, jest, test } from '@jest/globals'
import { Worker, type WorkerOptions } from '@temporalio/worker'
import { Command } from 'commander'
import { z } from 'zod'
import { WORKFLOW } from '#contracts'
import { writeActivationLimit } from '#runtime/activation-queue'
import { connectWorker } from '#runtime/temporal'
import { createInsertAllWarehouse } from '#warehouse/insert-all'
import { createActivities } from '../../../activities/index.ts'
import { registerRetryStuck } from '../../../cli/dead-letters/retry-stuck.ts'
import { cancellation, message } from '../../fixtures/messages.ts'
import { batchOf, metrics } from '../../support/activities.ts'
import { clearFaults, failInserts } from '../../support/parts.ts'
import { pair } from '../../support/payload-keys.ts'
import { useStackWithTables } from '../../support/stack.ts'
import { useSweep } from '../../support/sweep.ts'
import { waitFor } from '../../support/wait-for.ts'
import { useBundle, workflowBundle } from '../../support/workflows.ts'

const stack = useStackWithTables('temporal', 'bigquery')
const { bigquery, client, nowhere, taskQueue } = useSweep(stack)
const changed = useBundle({
  workflowsPath: fileURLToPath(new URL('../../workflow/changed/index.ts', import.meta.url)),
})
const url = () => stack().bigquery.url

const started: string[] = []

/** A cancellation that waits for its purchase, which was not published. */
async function startLater(): Promise<string> {
  const workflowId = `batch-${randomUUID()}/later-0`
  const args = [batchOf(message({ ...cancellation, order_id: workflowId }))]
  await client().workflow.start(WORKFLOW.activateLater, { workflowId, taskQueue, args })
  started.push(workflowId)
  return workflowId
}

async function startBatch(queue: string): Promise<string> {
  const workflowId = `batch-${randomUUID()}`
  const args = [batchOf(message())]
  await client().workflow.start(WORKFLOW.processBatch, { workflowId, taskQueue: queue, args })
  started.push(workflowId)
  return workflowId
}
afterEach(async () => {
  for (const id of started.splice(0)) {
    await client()
      .workflow.getHandle(id)
      .terminate()
      .catch(() => {})
  }
})

const answer = z.object({
  stuck: z.array(
    z.object({
      id: z.string(),
      step: z.string(),
      since: z.iso.datetime(),
      next_try_at: z.iso.datetime().nullable(),
      attempt: z.number(),
      problem: z.string(),
      message: z.string().nullable(),
      meaning: z.string(),
      action: z.string(),
      waiting_activity_id: z.string().nullable(),
    }),
  ),
  hurried: z.number().optional(),
})

/** What the command prints, and its exit code. */
async function run(...args: string[]): Promise<{ out: string; code: unknown }> {
  const program = new Command('dlq').exitOverride()
  registerRetryStuck(program)
  const out: string[] = []
  const write = jest.spyOn(process.stdout, 'write').mockImplementation((text) => {
    out.push(String(text))
    return true
  })
  try {
    await program.parseAsync(['retry-stuck', '--minutes', '0', ...args], { from: 'user' })
    return { out: out.join(''), code: process.exitCode }
  } finally {
    write.mockRestore()
    process.exitCode = undefined
  }
}

const findAll = async (id: string, ...args: string[]) => {
  const { out } = await run('--json', ...args)
  return answer.parse(JSON.parse(out)).stuck.filter((one) => one.id === id)
}

const find = async (...args: Parameters<typeof findAll>) => (await findAll(...args))[0]

/** A run that has just been started waits for a worker for a moment, and so does each of its steps. */
const findProblem = (id: string, problem: string, ...args: string[]) =>
  waitFor(
    async () => (await findAll(id, ...args)).find((one) => one.problem === problem),
    `${problem} to show`,
    60_000,
  )

/** A worker for the time of `use`. */
async function withWorker(options: Partial<WorkerOptions>, use: () => Promise<void>) {
  const connected = await connectWorker()
  const worker = await Worker.create({ ...connected, taskQueue: nowhere, ...options })
  try {
    await worker.runUntil(use)
  } finally {
    await connected.connection.close()
  }
}

test('where nothing is stuck it says so, with code 0', async () => {
  const { out, code } = await run()
  expect(out).toMatch(/^Nothing is stuck: no run of 127\.0\.0\.1:\d+ takes longer than 0 min\.\n$/)
  expect(code).toBe(0)
})

test('a run that no worker takes', async () => {
  const id = await startBatch(nowhere)
  expect(await findProblem(id, 'no_worker')).toMatchObject({
    step: 'workflow task',
    problem: 'no_worker',
    action: expect.stringContaining('npm run worker'),
    waiting_activity_id: null,
  })
  const { out, code } = await run()
  expect(code).toBe(1)
  expect(out).toContain('1 run takes longer than 0 min, and is stuck:')
  expect(out).toContain(id)
})

test('a step that waits for a person says what to do, and goes at once with --now', async () => {
  await failInserts(url(), { status: 403, reason: 'accessDenied', times: 1_000 })
  const id = await startBatch(taskQueue)
  expect(await findProblem(id, 'warehouse_setup')).toMatchObject({
    step: expect.stringMatching(/^(stageEvents|writeAuditLog)$/),
    problem: 'warehouse_setup',
    message: expect.stringContaining('answered 403'),
    action: expect.stringContaining('npm run setup'),
    waiting_activity_id: expect.any(String),
  })
  const before = await run()
  expect(before.out).toContain('What to do: Run `npm run setup`')
  expect(before.out).toContain(
    'Once the cause is fixed, --now lets them start their next attempt at once.',
  )
  await clearFaults(url())
  // By itself it would wait for a minute.
  const since = performance.now()
  const { out } = await run('--now')
  expect(out).toMatch(/\d activit(y starts its|ies start their) next attempt at once\./)
  const reached = async () => {
    const { raw } = await client().workflow.getHandle(id).describe()
    return !raw.pendingActivities?.some(({ activityType }) =>
      /stage|audit/i.test(activityType?.name ?? ''),
    )
  }
  await waitFor(reached, 'the batch to go on', 30_000)
  expect(performance.now() - since).toBeLessThan(45_000)
})

test('a step that is tried again and again is stuck since it was first to be done', async () => {
  await failInserts(url(), { status: 503, times: 1_000 })
  const startedAt = Date.now()
  const id = await startBatch(taskQueue)
  const first = await findProblem(id, 'warehouse_unavailable', '--attempts', '1')
  const triedAgain = async () => {
    const one = await find(id, '--attempts', '1')
    return one && one.attempt > first.attempt && one
  }
  const later = await waitFor(triedAgain, 'another attempt', 40_000)
  expect(later.since).toBe(first.since)
  expect(Date.parse(later.since)).toBeGreaterThanOrEqual(startedAt - 1_000)
  expect(Date.parse(later.since)).toBeLessThan(Date.now())
  expect(Date.parse(later.next_try_at ?? '')).toBeGreaterThan(Date.parse(later.since))
})

test('an event that waits for its purchase is not stuck, but one whose look-up keeps failing is', async () => {
  const waiting = await startLater()
  const isWaiting = async () => {
    const { events } = await client().workflow.getHandle(waiting).fetchHistory()
    return events?.some((event) => event.timerStartedEventAttributes)
  }
  await waitFor(isWaiting, 'the event to wait')
  await failInserts(url(), { status: 503, times: 1_000 })
  const id = await startLater()
  const first = await findProblem(id, 'warehouse_unavailable', '--attempts', '0')
  expect(first).toMatchObject({ step: 'activateWaiting', problem: 'warehouse_unavailable' })
  // Temporal lists what an earlier test terminated for a moment more.
  const alone = '1 run takes longer than 0 min, and is stuck:'
  const isAlone = async () => (await run('--attempts', '0')).out.startsWith(alone)
  await waitFor(isAlone, 'the event to be the only stuck run', 40_000)
  const { hurried } = answer.parse(
    JSON.parse((await run('--now', '--json', '--attempts', '0')).out),
  )
  expect(hurried).toBe(1)
  // Its next attempt would start after ten seconds, and the one after that after twenty.
  const triedAgain = async () => {
    const one = await find(id, '--attempts', '0')
    return one && one.next_try_at !== first.next_try_at && one
  }
  const later = await waitFor(triedAgain, 'another attempt', 40_000)
  expect(later.since).toBe(first.since)
  await clearFaults(url())
  await run('--now', '--attempts', '0')
  const isOver = async () => (await findAll(id, '--attempts', '0')).length === 0
  await waitFor(isOver, 'the event to wait like the other one', 40_000)
}, 120_000)

/** Of a worker that serves no activation queue. */
const makeActivities = () =>
  createActivities({
    warehouse: createInsertAllWarehouse(bigquery()),
    segment: { deliver: async () => null },
    lookUpOrders: async () => new Map(),
    temporal: client(),
    taskQueue: nowhere,
    segmentNamespace: 'test',
    metrics,
  })

test('an activation that no worker takes, and one whose queue is paused', async () => {
  const id = await startBatch(nowhere)
  const options = { workflowBundle: workflowBundle(), activities: makeActivities() }
  await withWorker(options, async () => {
    // Until the worker has its task, the run itself waits for a worker.
    const isActivation = async () =>
      (await findAll(id)).find(({ step }) => step === 'activateEvents')
    expect(await waitFor(isActivation, 'the activation to wait', 60_000)).toMatchObject({
      problem: 'no_worker',
      message: null,
    })
    const pause = { perSecond: 0, reason: 'the ads budget is used up', identity: 'ann' }
    await writeActivationLimit(client(), nowhere, pause)
    expect(await findProblem(id, 'limited_queue')).toMatchObject({
      step: 'activateEvents',
      message: pause.reason,
      action: expect.stringContaining('npm run activation -- status'),
    })
    await writeActivationLimit(client(), nowhere, { ...pause, perSecond: null })
    await findProblem(id, 'no_worker')
  })
}, 120_000)

test('workers without its key, and workers with other code', async () => {
  const keys = process.env['PAYLOAD_KEYS'] ?? ''
  const id = await startBatch(nowhere)
  const activities = makeActivities()
  process.env['PAYLOAD_KEYS'] = pair('other', 9)
  await withWorker({ workflowBundle: workflowBundle(), activities }, async () => {
    process.env['PAYLOAD_KEYS'] = keys
    const found = await findProblem(id, 'missing_key')
    expect(found.message).toContain('`sweep`')
    const triedAgain = async () => {
      const one = await find(id)
      return one && one.attempt > found.attempt && one
    }
    const later = await waitFor(triedAgain, 'another attempt', 40_000)
    expect(later.since).toBe(found.since)
  })
  // Its activation has no worker: it waits, halfway.
  await withWorker({ workflowBundle: workflowBundle(), activities }, async () => {
    const isHalfway = async () => {
      const { raw } = await client().workflow.getHandle(id).describe()
      return (raw.pendingActivities?.length ?? 0) > 0
    }
    await failInserts(url(), { status: 403, reason: 'accessDenied', times: 1_000 })
    await waitFor(isHalfway, 'the batch to be halfway', 60_000)
  })
  await withWorker({ workflowBundle: changed() }, async () => {
    await client().workflow.getHandle(id).signal('anything')
    const found = await findProblem(id, 'other_code')
    expect(found).toMatchObject({ step: 'workflow task', message: expect.any(String) })
  })
}, 240_000)

test('what is not a number is refused', async () => {
  await expect(run('--attempts', 'many')).rejects.toMatchObject({ exitCode: 1 })
})
