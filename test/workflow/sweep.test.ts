// The sweep as a workflow that a schedule starts again and again: what one passes to the next, and what it tells of its steps.

import { randomUUID } from 'node:crypto'
import { beforeEach, expect, test } from '@jest/globals'
import { WorkflowContinuedAsNewError } from '@temporalio/client'
import { ApplicationFailure, defaultPayloadConverter } from '@temporalio/common'
import { optionalTsToMs } from '@temporalio/common/lib/time.js'
import { type Progress, type SweepResult, WORKFLOW } from '#contracts'
import type { SweepActivities } from '../../activities/sweep/index.ts'
import { useTimeSkipping } from '../support/time-skipping/server.ts'
import { workflowBundle } from '../support/workflows.ts'

const taskQueue = randomUUID()

const NONE = { not_recorded: 0, closed_in_table: 0, closed_in_temporal: 0, gone_from_temporal: 0 }
const COMPARISON = { agreed: 0, forgotten: 0, disagreements: NONE, examples: [], unchecked: 0 }
const RUN = { workflowId: 'batch-1', runId: 'r' }

type Seen = { readonly step: string; readonly from: unknown; readonly until?: string }
let seen: Seen[]
/** How many more rounds each step has; a step that is not named is done with the first. */
let rounds: Record<string, number>
/** Steps that fail. */
let broken: Set<string>
/** What the next sweeps have to send. */
let texts: (string | null)[]

beforeEach(() => {
  seen = []
  rounds = {}
  broken = new Set()
  texts = []
})

/** One round of a step. */
function look(step: string, from: Progress, until: string) {
  note(step, from, until)
  const left = (rounds[step] ??= 0)
  rounds[step] = left - 1
  return { until, postponed: [RUN], isMoreLeft: left > 0 }
}

function note(step: string, from: unknown, until?: string): void {
  seen.push({ step, from, ...(until !== undefined && { until }) })
  if (broken.has(step)) throw ApplicationFailure.nonRetryable(`${step} is broken`)
}

const activities: SweepActivities = {
  openEndedBatches: async (from, until) => ({
    ...look('batches', from, until),
    letters: 1,
    events: 2,
  }),
  recordEndedLetters: async (from, until) => ({
    ...look('letters', from, until),
    letters: 3,
    events: 4,
  }),
  compareDeadLetters: async (until) => {
    note('comparison', null, until)
    return COMPARISON
  },
  checkReceipts: async (from, until) => ({
    ...look('receipts', from, until),
    checked: 5,
    written: 6,
    disagreements: { not_audited: 1, other_audited: 0 },
    examples: [],
  }),
  findFlood: async (last, until) => {
    note('alert', last)
    return { text: texts.shift() ?? null, since: until }
  },
  postAlert: async (text) => note('post', text),
}

const server = useTimeSkipping({ taskQueue, workflowBundle: workflowBundle(), activities })

/** The last moment at which a sweep may have begun, and the first. */
async function sweepAt() {
  const handle = await server().client.workflow.start(WORKFLOW.sweep, {
    taskQueue,
    workflowId: randomUUID(),
  })
  const result: SweepResult = await handle.result()
  const { events } = await handle.fetchHistory()
  const [started = 0, begun = 0] = [0, 2].map((at) =>
    optionalTsToMs(events?.[at]?.eventTime ?? undefined),
  )
  return { result, started, begun }
}

const sweep = (): Promise<SweepResult> =>
  server().client.workflow.execute(WORKFLOW.sweep, { taskQueue, workflowId: randomUUID() })

/** Sweeps that follow each other, each with the result of the one before, as those of a schedule. */
async function sweeps(count: number): Promise<SweepResult[]> {
  const { workflow } = server().client
  const workflowId = randomUUID()
  const options = { taskQueue, workflowId, cronSchedule: '* * * * *' }
  let { firstExecutionRunId: runId } = await workflow.start(WORKFLOW.sweep, options)
  const results: SweepResult[] = []
  while (results.length < count) {
    const handle = workflow.getHandle(workflowId, runId, { followRuns: false })
    // A run that another one follows has its result in its last event.
    await expect(handle.result()).rejects.toBeInstanceOf(WorkflowContinuedAsNewError)
    const { events } = await handle.fetchHistory()
    const last = events?.at(-1)?.workflowExecutionContinuedAsNewEventAttributes
    const [payload] = last?.lastCompletionResult?.payloads ?? []
    if (!payload) throw new Error('the run has no result')
    results.push(defaultPayloadConverter.fromPayload(payload))
    runId = last?.newExecutionRunId ?? ''
  }
  await workflow.getHandle(workflowId).terminate()
  return results
}

const stepsOf = (step: string) => seen.filter((one) => one.step === step)

test('the first sweep looks at everything until a minute ago, and passes on where it ended', async () => {
  const { result: swept, started, begun } = await sweepAt()
  const { batches, letters, receipts, ...result } = swept
  const NEVER = { until: null, postponed: [] }
  for (const step of ['batches', 'letters', 'receipts'])
    expect(stepsOf(step)).toMatchObject([{ from: NEVER }])
  const [{ until } = { until: '' }] = seen
  expect(new Set(seen.flatMap((one) => one.until ?? []))).toEqual(new Set([until]))
  expect(Date.parse(until ?? '') + 60_000).toBeGreaterThanOrEqual(started)
  expect(Date.parse(until ?? '') + 60_000).toBeLessThanOrEqual(begun)
  for (const progress of [batches, letters, receipts])
    expect(progress).toEqual({ until, postponed: [RUN] })
  expect(result).toEqual({
    alert: { since: until, lastAt: null },
    opened: { letters: 1, events: 2 },
    recorded: { letters: 3, events: 4 },
    comparison: COMPARISON,
    acknowledged: {
      checked: 5,
      written: 6,
      disagreements: { not_audited: 1, other_audited: 0 },
      examples: [],
    },
    isAlertSent: false,
    isMoreLeft: false,
    failed: [],
  })
})

test('each sweep begins where the one before has ended, and tells only of an alert of its own', async () => {
  texts = ['many events', null, 'many again']
  const [first, second, third] = await sweeps(3)
  for (const step of ['batches', 'letters', 'receipts'] as const)
    expect(stepsOf(step).slice(1, 3)).toMatchObject([
      { from: first?.[step] },
      { from: second?.[step] },
    ])
  expect([first, second, third].map((one) => one?.isAlertSent)).toEqual([true, false, true])
  expect(second?.alert.lastAt).toBe(first?.alert.lastAt)
  expect(stepsOf('alert').slice(1, 3)).toMatchObject([
    { from: first?.alert },
    { from: second?.alert },
  ])
  expect(stepsOf('post').map(({ from }) => from)).toEqual(['many events', 'many again'])
})

test('a step has ten rounds at most, and adds them up', async () => {
  rounds = { batches: 9, letters: 10, receipts: 2 }
  const result = await sweep()
  expect(stepsOf('batches')).toHaveLength(10)
  expect(stepsOf('letters')).toHaveLength(10)
  expect(stepsOf('receipts')).toHaveLength(3)
  expect(result).toMatchObject({
    opened: { letters: 10, events: 20 },
    recorded: { letters: 30, events: 40 },
    acknowledged: { checked: 15, written: 18, disagreements: { not_audited: 1 } },
    isMoreLeft: true,
  })
})

test.each(['batches', 'letters', 'receipts'])(
  'where only %s have more, more is left',
  async (step) => {
    rounds = { [step]: 10 }
    expect(await sweep()).toMatchObject({ isMoreLeft: true })
  },
)

test.each([
  ['batches', 'openEndedBatches', { opened: { letters: 0, events: 0 } }],
  ['letters', 'recordEndedLetters', { recorded: { letters: 0, events: 0 } }],
  ['receipts', 'checkReceipts', { acknowledged: null }],
  ['comparison', 'compareDeadLetters', { comparison: null }],
  ['alert', 'findFlood', { alert: { since: null, lastAt: null } }],
  ['post', 'postAlert', { alert: { since: null, lastAt: null }, isAlertSent: false }],
])(
  'where %s cannot be done, the other steps are, and the next sweep does it',
  async (step, activity, expected) => {
    broken = new Set([step])
    texts = ['many events']
    const result = await sweep()
    expect(result).toMatchObject({ ...expected, failed: [`${activity}: ${step} is broken`] })
    expect(new Set(seen.map((one) => one.step)).size).toBe(step === 'alert' ? 5 : 6)
    for (const one of ['batches', 'letters', 'receipts'] as const)
      expect(result[one].until === null).toBe(one === step)
  },
)
