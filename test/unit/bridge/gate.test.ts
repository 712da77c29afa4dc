// The cap on open workflows: where it stops the bridge, what it counts, and what the metrics say of it.

import { expect, jest, test } from '@jest/globals'
import type { Client } from '@temporalio/client'
import { bridgeMetrics } from '#runtime/metrics/groups'
import { createReadiness } from '#runtime/readiness'
import { createGate } from '../../../bridge/open-workflows.ts'
import { createThreadMeter } from '../../../workers/isolation/thread-meter.ts'
import { recordingLog } from '../../support/recording-log.ts'

const CAP = 10

/** What Temporal counts: open batches, those that show that they wait, and activities in the queue of activation. */
type Counts = { readonly open: number; readonly waiting?: number; readonly backlog?: number }

const parts = ({ backlog = 0 }: Partial<Counts>) => ({
  options: { namespace: 'default' },
  withDeadline: (_deadline: Date, work: () => unknown) => work(),
  workflowService: {
    describeTaskQueue: async () => ({ stats: { approximateBacklogCount: backlog } }),
  },
})

function temporalWith({ open, waiting = 0, backlog = 0 }: Counts, onCount: () => void): Client {
  const count = async (query: string) => {
    onCount()
    return { count: query.includes('IS NOT NULL') ? waiting : open }
  }
  return Object({ ...parts({ backlog }), workflow: { count } })
}

/** Counts once. @returns the metrics, and whether more is admitted */
async function countOnce(counts: Counts) {
  const { meter, take } = createThreadMeter()
  const { log, lines } = recordingLog()
  const watching = new AbortController()
  const client = temporalWith(counts, () => watching.abort())
  const metrics = bridgeMetrics(meter)
  const dependencies = { client, log, metrics, readiness: createReadiness() }
  const gate = createGate(dependencies, { cap: CAP, taskQueue: 'q' })
  await gate.watch(watching.signal)
  const stop = new AbortController()
  let isAdmitted = false
  const admit = async () => {
    await gate.admit(stop.signal)
    isAdmitted = !stop.signal.aborted
  }
  const admitting = admit()
  await new Promise((resolve) => setImmediate(resolve))
  stop.abort()
  await admitting
  const told = take().map(({ name, value }) => [name, value])
  return { told, isAdmitted, said: lines.map(({ msg }) => msg) }
}

test('below the cap the bridge pulls, and says how many workflows are open', async () => {
  expect(await countOnce({ open: CAP - 1 })).toEqual({
    told: [['open_workflows', CAP - 1]],
    isAdmitted: true,
    said: [],
  })
})

test('at the cap it pauses and says so, and counts the seconds of the pause', async () => {
  expect(await countOnce({ open: CAP })).toEqual({
    told: [
      ['open_workflows', CAP],
      ['bridge_paused_seconds_total', 1],
    ],
    isAdmitted: false,
    said: ['paused: too many open workflows'],
  })
})

test('open batches are those that run, apart from those that show what they wait for', async () => {
  const asked: string[] = []
  const stop = new AbortController()
  const client: Client = Object({
    ...parts({}),
    workflow: {
      count: async (query: string) => {
        asked.push(query)
        stop.abort()
        return { count: CAP }
      },
    },
  })
  const { meter } = createThreadMeter()
  const [{ log }, readiness] = [recordingLog(), createReadiness()]
  const dependencies = { client, log, metrics: bridgeMetrics(meter), readiness }
  await createGate(dependencies, { cap: CAP, taskQueue: 'q' }).watch(stop.signal)
  const running = "WorkflowType = 'processBatch' AND ExecutionStatus = 'Running'"
  expect(asked).toEqual([`${running} AND Stage IS NULL`, `${running} AND Stage IS NOT NULL`])
})

/** Counts once at a monotonic time of 5,000 ms. @param answer the count, or an error */
async function countWith(answer: number | Error) {
  const clock = jest.spyOn(performance, 'now').mockReturnValue(5_000)
  const stop = new AbortController()
  const told: unknown[] = []
  const readiness = {
    answered: (service: string) => void told.push(['answered', service]),
    unanswered: (service: string, at: number) => void told.push(['unanswered', service, at]),
    unavailable: () => [],
  }
  const waited: number[] = []
  const client: Client = Object({
    ...parts({}),
    withDeadline: (deadline: Date, work: () => unknown) => {
      waited.push(deadline.getTime() - Date.now())
      return work()
    },
    workflow: {
      count: async () => {
        stop.abort()
        if (answer instanceof Error) throw answer
        return { count: answer }
      },
    },
  })
  const { meter, take } = createThreadMeter()
  const { log, lines } = recordingLog()
  const dependencies = { client, log, metrics: bridgeMetrics(meter), readiness }
  await createGate(dependencies, { cap: CAP, taskQueue: 'q' }).watch(stop.signal)
  clock.mockRestore()
  const said = lines.map(({ msg, level }) => [level, msg])
  return { told, waited, said, counted: take().map(({ name, value }) => [name, value]) }
}

const WARN = 40

test('a count that fails tells the readiness probe when it was asked, and leaves the gate as it is', async () => {
  const { told, said, counted } = await countWith(new Error('away'))
  expect(told).toEqual([['unanswered', 'Temporal', 5_000]])
  expect(said).toEqual([[WARN, 'cannot count workflows']])
  expect(counted).toEqual([])
})

test('a Temporal that hangs is given five seconds to count, and one that answers is told', async () => {
  const { told, waited } = await countWith(1)
  expect(told).toEqual([['answered', 'Temporal']])
  expect(waited[0]).toBeGreaterThan(1_000)
  expect(waited[0]).toBeLessThanOrEqual(5_000)
})

test.each<[string, Counts, number]>([
  ['that only wait for Segment', { open: 12, backlog: 5 }, 7],
  [
    'that wait and show it already, which are not among the open ones',
    { open: 12, waiting: 4, backlog: 5 },
    11,
  ],
  ['where more show that they wait than the queue has', { open: 12, waiting: 9, backlog: 5 }, 12],
])('it does not count batches %s', async (_which, counts, open) => {
  const { told, isAdmitted } = await countOnce(counts)
  expect(told[0]).toEqual(['open_workflows', open])
  expect(isAdmitted).toBe(open < CAP)
})
