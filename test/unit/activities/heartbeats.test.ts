// An ordinary activity sends heartbeats while it works, often enough for the heartbeat time-out of its policy; a local one sends none.

import { afterEach, beforeEach, expect, jest, test } from '@jest/globals'
import { Client } from '@temporalio/client'
import { MockActivityEnvironment } from '@temporalio/testing'
import type { DeadLetter } from '#contracts'
import { createActivities } from '../../../activities/index.ts'
import { metrics } from '../../support/activities.ts'
import { waitFor } from '../../support/wait-for.ts'

/** The heartbeat time-out of every policy that has one (test/workflow/policies.test.ts). */
const TIMEOUT_MS = 20_000

const LETTER: DeadLetter = {
  batchId: 'batch-1',
  partnerId: 'dealer-7',
  stage: 'validation',
  part: 0,
  events: [
    {
      messageId: 'm1',
      publishTime: '2026-11-20T10:00:00.000000Z',
      attributes: {},
      data: { text: '{}' },
      eventType: 'purchase',
      eventId: null,
      orderId: null,
      faults: [],
    },
  ],
}

/** The interval that was asked for is noted, and is a millisecond: fake timers would lose the context of the activity. */
const { setInterval: realInterval } = globalThis
const intervals: number[] = []
beforeEach(() => {
  intervals.length = 0
  jest.spyOn(globalThis, 'setInterval').mockImplementation((work, delay = 0) => {
    intervals.push(delay)
    return realInterval(work, 1)
  })
})
afterEach(() => void jest.restoreAllMocks())

/** Runs an activity that waits for BigQuery until `isEnough` of its heartbeats have come. @returns how many came */
async function beatsOf(isLocal: boolean, isEnough: (beats: number) => boolean): Promise<number> {
  let beats = 0
  const { recordDeadLetter } = createActivities({
    warehouse: {
      append: async () => {
        await waitFor(() => isEnough(beats), 'the heartbeats')
        return { written: 1, failed: [] }
      },
    },
    segment: { deliver: async () => null },
    lookUpOrders: async () => new Map(),
    temporal: new Client(),
    taskQueue: 'none',
    segmentNamespace: 'test',
    metrics,
  })
  const environment = new MockActivityEnvironment({ isLocal })
  environment.on('heartbeat', () => {
    beats += 1
  })
  await environment.run(recordDeadLetter, 'dead-letter/1', LETTER)
  return beats
}

test('an ordinary activity: three at least, so that two may be lost', async () => {
  expect(await beatsOf(false, (beats) => beats >= 3)).toBeGreaterThanOrEqual(3)
  const [intervalMs = 0, ...more] = intervals
  expect(more).toEqual([])
  expect(TIMEOUT_MS / intervalMs).toBeGreaterThanOrEqual(3)
})

test('a local activity: none', async () => {
  expect(await beatsOf(true, () => true)).toBe(0)
  expect(intervals).toEqual([])
})
