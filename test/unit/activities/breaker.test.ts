// A breaker: what fails, or does not end, keeps later calls from being made for a while.

import { expect, jest, test } from '@jest/globals'
import { createBreaker } from '../../../activities/changes/breaker.ts'
import { withResolvers } from '../../../workers/isolation/with-resolvers.ts'

const SLOW = new Error('slow')

function breakerAt() {
  let nowMs = 0
  let calls = 0
  const breaker = createBreaker({ slowMs: 3_000, restMs: 30_000, now: () => nowMs }, SLOW)
  const call = (outcome: () => Promise<string>) =>
    breaker(() => {
      calls += 1
      return outcome()
    })
  return {
    well: () => call(async () => 'done'),
    failing: (error: Error) =>
      call(async () => {
        throw error
      }),
    hanging: () => {
      const { promise, resolve } = withResolvers<string>()
      return { running: call(() => promise), end: () => resolve('late') }
    },
    pass: (ms: number) => {
      nowMs += ms
    },
    calls: () => calls,
  }
}

test('while all is well, every call is made', async () => {
  const { well, calls } = breakerAt()
  await Promise.all([well(), well(), well()])
  expect(calls()).toBe(3)
})

test('after a failure, later calls fail with it at once, until the rest is over and one has succeeded', async () => {
  const { well, failing, pass, calls } = breakerAt()
  const away = new Error('away')
  await expect(failing(away)).rejects.toBe(away)
  await expect(well()).rejects.toBe(away)
  pass(29_999)
  await expect(well()).rejects.toBe(away)
  expect(calls()).toBe(1)
  pass(1)
  await expect(well()).resolves.toBe('done')
  await expect(well()).resolves.toBe('done')
  expect(calls()).toBe(3)
})

test('after the rest one call is made, and the others still fail until it has succeeded', async () => {
  const { well, failing, hanging, pass, calls } = breakerAt()
  const away = new Error('away')
  await expect(failing(away)).rejects.toBe(away)
  pass(30_000)
  const { running, end } = hanging()
  await expect(well()).rejects.toBe(away)
  expect(calls()).toBe(2)
  end()
  expect(await running).toBe('late')
  expect(await well()).toBe('done')
})

test('a call that does not end counts as failed for those that follow', async () => {
  jest.useFakeTimers()
  try {
    const { well, hanging } = breakerAt()
    const { running, end } = hanging()
    expect(await well()).toBe('done')
    jest.advanceTimersByTime(3_000)
    await expect(well()).rejects.toBe(SLOW)
    end()
    expect(await running).toBe('late')
    expect(await well()).toBe('done')
  } finally {
    jest.useRealTimers()
  }
})
