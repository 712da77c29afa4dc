// A pull that never fails and never becomes a busy loop.

import { afterEach, expect, jest, test } from '@jest/globals'
import { createPullWithBackoff } from '../../../bridge/pull-with-backoff.ts'
import type { Source } from '../../../bridge/source.ts'
import { recordingLog } from '../../support/recording-log.ts'
import { deliveries } from './deliveries.ts'

const never = new AbortController().signal
const stopped = AbortSignal.abort()

const failing = () => Promise.reject(new Error('14 UNAVAILABLE'))

function patient(pull: Source['pull']) {
  const { log, lines } = recordingLog()
  return { pull: createPullWithBackoff({ pull, acknowledge: async () => {} }, log), lines }
}

async function millisecondsOf(run: () => Promise<unknown>): Promise<number> {
  const before = performance.now()
  await run()
  return performance.now() - before
}

afterEach(() => {
  jest.restoreAllMocks()
})

test('deliveries are handed on as they are', async () => {
  const some = deliveries(3)
  const { pull } = patient(() => Promise.resolve(some))
  expect(await pull(10, never)).toBe(some)
})

test('the wanted number and the signal reach Pub/Sub', async () => {
  const asked: unknown[] = []
  const { pull } = patient((...how) => {
    asked.push(how)
    return Promise.resolve([])
  })
  await pull(7, stopped)
  expect(asked).toEqual([[7, stopped]])
})

test('an empty answer that came at once is followed by a pause', async () => {
  const { pull } = patient(() => Promise.resolve([]))
  expect(await millisecondsOf(() => pull(10, never))).toBeGreaterThan(90)
})

test('an empty answer that Pub/Sub has waited for is followed by none', async () => {
  const clock = jest.spyOn(performance, 'now').mockReturnValue(1_000)
  const { pull } = patient(async () => {
    clock.mockReturnValue(1_100)
    return []
  })
  const turns = async () => {
    for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve))
    return 'it waits'
  }
  expect(await Promise.race([pull(10, never), turns()])).toEqual([])
})

test('the pause after an empty answer is as long as ever when the wall clock steps back meanwhile', async () => {
  const real = Date.now.bind(Date)
  const { pull } = patient(async () => {
    jest.spyOn(Date, 'now').mockImplementation(() => real() - 15 * 60_000)
    return []
  })
  // A pause by the wall clock would last for a quarter of an hour.
  expect(await millisecondsOf(() => pull(10, never))).toBeLessThan(60_000)
})

test('a failure is answered with none after a pause, and logged with its cause', async () => {
  const { pull, lines } = patient(failing)
  let answer: unknown
  const took = await millisecondsOf(async () => {
    answer = await pull(10, never)
  })
  expect(answer).toEqual([])
  expect(took).toBeGreaterThan(190)
  expect(lines).toEqual([
    expect.objectContaining({
      msg: 'cannot pull from Pub/Sub, trying again',
      err: expect.objectContaining({ message: '14 UNAVAILABLE' }),
    }),
  ])
})

test('the pause doubles with every failure up to its longest, and an answer resets it', async () => {
  let isDown = true
  const { pull, lines } = patient(() => (isDown ? failing() : Promise.resolve(deliveries(1))))
  for (let failure = 0; failure < 8; failure++) await pull(1, stopped)
  isDown = false
  await pull(1, stopped)
  isDown = true
  await pull(1, stopped)
  expect(lines.map((line) => line['retryInMs'])).toEqual([
    200, 400, 800, 1_600, 3_200, 6_400, 10_000, 10_000, 200,
  ])
})

test('an abort ends the pause', async () => {
  const { pull } = patient(failing)
  for (let failure = 0; failure < 6; failure++) await pull(1, stopped)
  const controller = new AbortController()
  const pulled = pull(1, controller.signal)
  setImmediate(() => controller.abort())
  expect(await millisecondsOf(() => pulled)).toBeLessThan(9_000)
})
