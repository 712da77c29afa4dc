// The cap on open workflows: where it stops the bridge, what it counts, and what the metrics say of it.

import { expect, test } from '@jest/globals'
import type { Client } from '@temporalio/client'
import { bridgeMetrics } from '#runtime/metrics/groups'
import { createReadiness } from '#runtime/readiness'
import { createGate } from '../../../bridge/open-workflows.ts'
import { createThreadMeter } from '../../../workers/isolation/thread-meter.ts'
import { recordingLog } from '../../support/recording-log.ts'

const CAP = 10

/** What Temporal counts: open batches, those that show that they wait, and activities in the queue of activation. */
type Counts = { readonly open: number; readonly waiting?: number; readonly backlog?: number }

function temporalWith({ open, waiting = 0, backlog = 0 }: Counts, onCount: () => void): Client {
  const count = async (query: string) => {
    onCount()
    return { count: query.includes('IS NOT NULL') ? waiting : open }
  }
  return Object({
    options: { namespace: 'default' },
    withDeadline: (_deadline: Date, work: () => unknown) => work(),
    workflow: { count },
    workflowService: {
      describeTaskQueue: async () => ({ stats: { approximateBacklogCount: backlog } }),
    },
  })
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
