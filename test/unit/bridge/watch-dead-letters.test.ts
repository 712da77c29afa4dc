// The metric of open dead letters: which workflows it counts, and what a count that fails leaves of it.

import { expect, test } from '@jest/globals'
import type { Client } from '@temporalio/client'
import { STAGES } from '#contracts'
import { bridgeMetrics } from '#runtime/metrics/groups'
import { watchDeadLetters } from '../../../bridge/watch-dead-letters.ts'
import { createThreadMeter } from '../../../workers/isolation/thread-meter.ts'
import { recordingLog } from '../../support/recording-log.ts'

/** Counts every stage once, or as far as a count fails. */
async function countOnce(answer: (query: string) => number) {
  const stop = new AbortController()
  const asked: string[] = []
  const waited: number[] = []
  const count = async (query: string) => {
    asked.push(query)
    if (asked.length === STAGES.length) stop.abort()
    try {
      return { count: answer(query) }
    } catch (error) {
      stop.abort()
      throw error
    }
  }
  const client: Client = Object({
    withDeadline: (deadline: Date, work: () => unknown) => {
      waited.push(deadline.getTime() - Date.now())
      return work()
    },
    workflow: { count },
  })
  const { meter, take } = createThreadMeter()
  const { log, lines } = recordingLog()
  await watchDeadLetters(client, bridgeMetrics(meter), log, stop.signal)
  return { asked, waited, told: take().map(({ name, tags, value }) => [name, tags, value]), lines }
}

test('a dead letter waits for a person in every state but Running and Completed', async () => {
  const { asked, waited, told, lines } = await countOnce((query) => query.length)
  // A Temporal that hangs keeps the bridge from draining for no longer than this.
  for (const ms of waited) expect(ms).toBeLessThanOrEqual(5_000)
  for (const ms of waited) expect(ms).toBeGreaterThan(1_000)
  expect(waited).toHaveLength(STAGES.length)
  expect(asked).toEqual(
    STAGES.map(
      (stage) =>
        `WorkflowType = 'deadLetter' AND ExecutionStatus IN ('Failed', 'Terminated', 'TimedOut', 'Canceled') AND Stage = '${stage}'`,
    ),
  )
  expect(told).toEqual(
    STAGES.map((stage, at) => ['dead_letters_open', { stage }, asked[at]?.length]),
  )
  expect(lines).toEqual([])
})

test('a count that fails is logged, and leaves the metric as it is', async () => {
  const { told, lines } = await countOnce(() => {
    throw new Error('Temporal does not answer')
  })
  expect(told).toEqual([])
  expect(lines).toMatchObject([{ level: 40, msg: 'cannot count open dead letters' }])
})
