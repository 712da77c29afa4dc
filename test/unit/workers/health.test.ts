// What the probes say of a worker: it is ready while both of its workers run, and alive until one of them has failed.

import { expect, test } from '@jest/globals'
import { monotonicMs } from '#runtime/clock'
import { createReadiness } from '#runtime/readiness'
import { healthOf } from '../../../workers/health.ts'

const WHY = 'the worker is not running'

test.each([
  ['RUNNING', 'RUNNING', true, []],
  ['RUNNING', 'INITIALIZED', true, [WHY]],
  ['DRAINING', 'RUNNING', true, [WHY]],
  ['STOPPED', 'STOPPED', true, [WHY]],
  ['RUNNING', 'FAILED', false, [WHY]],
  ['FAILED', 'RUNNING', false, [WHY]],
] as const)('%s and %s', (one, other, isAlive, why) => {
  const workers = [{ getState: () => one }, { getState: () => other }]
  const health = healthOf(workers, createReadiness())
  expect(health.isAlive()).toBe(isAlive)
  expect(health.whyNotReady()).toEqual(why)
})

test('a worker is alive and not ready while Temporal does not answer', () => {
  const readiness = createReadiness()
  readiness.unanswered('Temporal', monotonicMs() - 60_000)
  const health = healthOf([{ getState: () => 'RUNNING' }], readiness)
  expect(health.isAlive()).toBe(true)
  expect(health.whyNotReady()).toEqual(['Temporal does not answer'])
})
