// What a thread tells the governor and asks it: which reports are sent, how often, and that none of it can fail an activity.

import { beforeEach, expect, test } from '@jest/globals'
import { type Client, WorkflowNotFoundError } from '@temporalio/client'
import { type Admission, GOVERNOR_REPORT, governorId, governorIdentity } from '#contracts'
import { createGovernorReport, type GovernorReport } from '../../../activities/governor/report.ts'
import { attempt } from '../../support/activities.ts'

const ENDED = new WorkflowNotFoundError('not found', 'w', undefined)

/** What Temporal was told, and what it says. */
const temporal = {
  told: [] as unknown[],
  started: [] as unknown[],
  descriptions: 0,
  limitsRead: 0,
  isRunning: true,
  identity: '',
  admit: async (): Promise<Admission> => 'probe',
  error: null as Error | null,
}
let nowMs = 0
let governor: GovernorReport

function answer<T>(value: T): Promise<T> {
  return temporal.error ? Promise.reject(temporal.error) : Promise.resolve(value)
}

const handle = {
  describe: async () => {
    temporal.descriptions += 1
    return answer({ status: { name: temporal.isRunning ? 'RUNNING' : 'COMPLETED' } })
  },
  signal: async (_name: string, report: unknown) => {
    await answer(null)
    temporal.told.push(report)
  },
  executeUpdate: async () => answer(await temporal.admit()),
}

const client: Client = Object({
  options: { namespace: 'default' },
  withDeadline: (_deadline: Date, work: () => unknown) => work(),
  workflow: {
    getHandle: () => handle,
    signalWithStart: async (_type: string, options: { signalArgs: unknown[] }) => {
      await answer(null)
      temporal.started.push(options)
      temporal.told.push(...options.signalArgs)
    },
  },
  workflowService: {
    describeTaskQueue: async () => {
      temporal.limitsRead += 1
      const metadata = { updateIdentity: temporal.identity }
      return answer({ config: { queueRateLimit: { rateLimit: {}, metadata } } })
    },
  },
})

beforeEach(() => {
  Object.assign(temporal, {
    told: [],
    started: [],
    descriptions: 0,
    limitsRead: 0,
    isRunning: true,
    identity: '',
    admit: async (): Promise<Admission> => 'probe',
    error: null,
  })
  nowMs = 1e6
  governor = createGovernorReport(client, 'q', () => nowMs)
})

const throttled = (...more: [seconds?: number | undefined, status?: number]) =>
  governor.reportTrouble('throttled', ...more)
const unavailable = (...more: [seconds?: number | undefined, status?: number]) =>
  governor.reportTrouble('unavailable', ...more)

test.each<
  [args: [seconds?: number | undefined, status?: number], throttling: object, outage: object]
>([
  [[], {}, {}],
  [[7], { retryAfterSeconds: 7 }, {}],
  [[0, 429], { retryAfterSeconds: 0, status: 429 }, { status: 429 }],
  [[undefined, 503], { status: 503 }, { status: 503 }],
])('trouble of %j is told with what is known of it', async (args, throttling, outage) => {
  await throttled(...args)
  await unavailable(...args)
  expect(temporal.told).toEqual([
    { kind: 'throttled', ...throttling },
    { kind: 'unavailable', ...outage },
  ])
  const own = { workflowId: governorId('q'), taskQueue: 'q', signal: GOVERNOR_REPORT }
  expect(temporal.started).toMatchObject([own, own])
})

test('each kind of report is sent once in five seconds', async () => {
  for (const at of [0, 4_999, 5_000, 9_999, 10_000]) {
    nowMs = 1e6 + at
    const before = temporal.told.length
    await throttled()
    await unavailable()
    const isDue = at % 5_000 === 0
    expect([at, temporal.told.length - before]).toEqual([at, isDue ? 2 : 0])
  }
})

test('acceptances are told once in five seconds, and at once after trouble', async () => {
  const accepted = { kind: 'accepted' }
  await governor.reportAccepted()
  await governor.reportAccepted()
  expect(temporal.told).toEqual([accepted])
  nowMs += 1
  await unavailable()
  await governor.reportAccepted()
  await governor.reportAccepted()
  expect(temporal.told).toEqual([accepted, { kind: 'unavailable' }, accepted])
  nowMs += 5_000
  await governor.reportAccepted()
  expect(temporal.told).toHaveLength(4)
})

test('where no governor is running, an acceptance tells nothing, and that is asked once in five seconds', async () => {
  temporal.isRunning = false
  for (const at of [0, 1, 4_999]) {
    nowMs = 1e6 + at
    await governor.reportAccepted()
  }
  expect([temporal.told, temporal.descriptions]).toEqual([[], 1])
  temporal.isRunning = true
  nowMs = 1e6 + 5_000
  await governor.reportAccepted()
  expect([temporal.told, temporal.descriptions]).toEqual([[{ kind: 'accepted' }], 2])
})

test('the governor that trouble has started is running', async () => {
  temporal.isRunning = false
  await governor.reportAccepted()
  await throttled()
  await governor.reportAccepted()
  expect(temporal.told).toEqual([{ kind: 'throttled' }, { kind: 'accepted' }])
})

test.each<[name: string, identity: string, isAsked: boolean]>([
  ['of the state open', governorIdentity('open', null), true],
  ['of the state probing', governorIdentity('probing', 5), true],
  ['of the state throttled', governorIdentity('throttled', null), false],
  ['of the state recovering', governorIdentity('recovering', null), false],
  ['of a person', 'ann', false],
  ['that was never set', '', false],
])(
  'under a limit %s, the governor is asked only where the breaker is open',
  async (_, identity, isAsked) => {
    temporal.identity = identity
    expect(await governor.isProbing()).toBe(isAsked)
  },
)

test('an activity that is neither the probe nor admitted sends nothing', async () => {
  temporal.identity = governorIdentity('open', null)
  temporal.admit = async () => 'wait'
  await expect(governor.isProbing()).rejects.toMatchObject({ type: 'segment_unavailable' })
  temporal.admit = async () => 'all'
  expect(await governor.isProbing()).toBe(false)
})

test('the limit is read once a second', async () => {
  for (const at of [0, 999, 1_000]) {
    nowMs = 1e6 + at
    await governor.isProbing()
  }
  expect(temporal.limitsRead).toBe(2)
})

test.each([
  ['has ended', ENDED],
  ['does not answer', new Error('no answer')],
])('where the governor %s, nothing fails, and everything is sent', async (_, error) => {
  temporal.identity = governorIdentity('open', null)
  temporal.error = error
  const all = async () => {
    await throttled()
    await governor.reportAccepted()
    return governor.isProbing()
  }
  expect(await attempt(all, [])).toBe(false)
  expect(temporal.told).toEqual([])
  temporal.error = null
  expect(await governor.isProbing()).toBe(true)
})
