// An ordinary activity sends heartbeats while it works, often enough for the heartbeat time-out of its policy; a local one sends none.

import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, expect, jest, test } from '@jest/globals'
import { Client } from '@temporalio/client'
import { MockActivityEnvironment } from '@temporalio/testing'
import type { DeadLetter } from '#contracts'
import { createActivities } from '../../../activities/index.ts'
import { metrics } from '../../support/activities.ts'

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

/** Time runs so much faster; fake timers would lose the context of the activity. */
const FASTER = 40
const { setInterval: realInterval } = globalThis
beforeEach(() => {
  jest
    .spyOn(globalThis, 'setInterval')
    .mockImplementation((work, delay = 0) => realInterval(work, delay / FASTER))
})
afterEach(() => void jest.restoreAllMocks())

/** Heartbeats of an activity that waits for BigQuery for as long as Temporal waits for a heartbeat. */
async function beatsWithin(isLocal: boolean): Promise<number> {
  const { recordDeadLetter } = createActivities({
    warehouse: {
      append: async () => {
        await sleep(TIMEOUT_MS / FASTER)
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
  let beats = 0
  const environment = new MockActivityEnvironment({ isLocal })
  environment.on('heartbeat', () => {
    beats += 1
  })
  await environment.run(recordDeadLetter, 'dead-letter/1', LETTER)
  return beats
}

test('an ordinary activity: three at least, so that two may be lost', async () => {
  expect(await beatsWithin(false)).toBeGreaterThanOrEqual(3)
})

test('a local activity: none', async () => {
  expect(await beatsWithin(true)).toBe(0)
})
