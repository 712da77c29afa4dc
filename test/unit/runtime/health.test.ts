// The health port tells the platform whether the process can do its work.

import { once } from 'node:events'
import { createServer } from 'node:net'
import { afterEach, expect, jest, test } from '@jest/globals'
import { serveHealth } from '#runtime/health'
import { processMetrics } from '#runtime/metrics/groups'
import { createReadiness, servicesThatDoNotAnswer, watchReadiness } from '#runtime/readiness'
import { createThreadMeter } from '../../../workers/isolation/thread-meter.ts'
import { portOf } from '../../support/port-of.ts'
import { onFreePort } from '../../support/ports.ts'

afterEach(() => {
  jest.useRealTimers()
  jest.restoreAllMocks()
})

test('it is alive until it has failed, and ready while it can do its work', async () => {
  const state = { isAlive: true, problems: ['Temporal does not answer', 'it drains'] }
  const told = { isAlive: () => state.isAlive, whyNotReady: () => state.problems }
  const { health, port } = await onFreePort(async (free) => ({
    health: await serveHealth(free, told),
    port: free,
  }))
  const answer = async (path: string) => {
    const response = await fetch(`http://127.0.0.1:${port}${path}`)
    return [response.status, await response.text()]
  }
  expect(await answer('/livez')).toEqual([200, ''])
  expect(await answer('/healthz')).toEqual([200, ''])
  expect(await answer('/readyz')).toEqual([503, 'Temporal does not answer\nit drains\n'])
  expect(await answer('/other')).toEqual([404, ''])
  Object.assign(state, { isAlive: false, problems: [] })
  expect(await answer('/livez')).toEqual([503, 'the process has failed\n'])
  expect(await answer('/healthz')).toEqual([503, 'the process has failed\n'])
  expect(await answer('/readyz')).toEqual([200, ''])
  health.close()
})

const WELL = { isAlive: () => true, whyNotReady: () => [] }

test('a port that is taken is named', async () => {
  const taken = createServer()
  await once(taken.listen(0), 'listening')
  const port = portOf(taken)
  await expect(serveHealth(port, WELL)).rejects.toThrow(`HEALTH_PORT ${port} cannot be opened.`)
  taken.close()
})

test('without a port nothing is served, and the end of it is nothing to do', async () => {
  const health = await serveHealth(undefined, WELL)
  expect(health.close()).toBeUndefined()
})

test('an answer says that it is plain text', async () => {
  const { health, port } = await onFreePort(async (free) => ({
    health: await serveHealth(free, WELL),
    port: free,
  }))
  const { headers } = await fetch(`http://127.0.0.1:${port}/readyz`)
  expect(headers.get('content-type')).toBe('text/plain; charset=utf-8')
  health.close()
})

/** README: a process is not ready where a service has not answered for ten seconds. */
test('a service is unavailable ten seconds after the first request that it did not answer', () => {
  const clock = jest.spyOn(performance, 'now').mockReturnValue(50_000)
  const readiness = createReadiness()
  readiness.unanswered('Temporal', 40_001)
  expect(readiness.unavailable()).toEqual([])
  readiness.unanswered('Pub/Sub', 45_000)
  readiness.unanswered('Temporal', 49_000)
  clock.mockReturnValue(50_001)
  expect(readiness.unavailable()).toEqual(['Temporal'])
  clock.mockReturnValue(55_000)
  expect(servicesThatDoNotAnswer(readiness)).toEqual([
    'Temporal does not answer',
    'Pub/Sub does not answer',
  ])
  readiness.answered('Temporal')
  expect(readiness.unavailable()).toEqual(['Pub/Sub'])
  readiness.unanswered('Temporal', 54_000)
  expect(readiness.unavailable()).toEqual(['Pub/Sub'])
})

test('the metric says every second whether the process is ready', () => {
  jest.useFakeTimers()
  const { meter, take } = createThreadMeter()
  let why: string[] = []
  watchReadiness(processMetrics(meter), () => why)
  jest.advanceTimersByTime(1_000)
  why = ['Temporal does not answer']
  jest.advanceTimersByTime(1_000)
  expect(take()).toEqual([
    { name: 'process_ready', value: 1, tags: {} },
    { name: 'process_ready', value: 0, tags: {} },
  ])
})
