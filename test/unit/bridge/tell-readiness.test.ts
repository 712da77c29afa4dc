// Which pulls tell the readiness probe that Pub/Sub does not answer: those that fail, and those that end with the time-out.

import { afterEach, expect, jest, test } from '@jest/globals'
import { PULL_TIMEOUT_MS, type Source } from '../../../bridge/source.ts'
import { tellReadiness, whyBridgeIsNotReady } from '../../../bridge/tell-readiness.ts'

afterEach(() => {
  jest.restoreAllMocks()
})

/** Pulls once. @param pull what the pull takes, in milliseconds, and its error where it fails */
async function pullOnce({ ms, error }: { readonly ms: number; readonly error?: Error }) {
  const clock = jest.spyOn(performance, 'now').mockReturnValue(1_000)
  const source: Source = {
    pull: async () => {
      clock.mockReturnValue(1_000 + ms)
      if (error) throw error
      return []
    },
    acknowledge: async () => {},
  }
  const told: unknown[] = []
  const readiness = {
    answered: (service: string) => void told.push(['answered', service]),
    unanswered: (service: string, at: number) => void told.push(['unanswered', service, at]),
    unavailable: () => [],
  }
  const watched = tellReadiness(source, 'Pub/Sub', readiness)
  const thrown = await watched.pull(1, new AbortController().signal).then(
    () => undefined,
    (reason: unknown) => reason,
  )
  return { told, thrown }
}

const ANSWERED = ['answered', 'Pub/Sub']
const UNANSWERED = ['unanswered', 'Pub/Sub', 1_000]

test.each([
  [0, ANSWERED],
  [PULL_TIMEOUT_MS - 1, ANSWERED],
  [PULL_TIMEOUT_MS, UNANSWERED],
])('an empty answer after %d ms', async (ms, told) => {
  expect(await pullOnce({ ms })).toEqual({ told: [told], thrown: undefined })
})

test('a pull that fails is told with the time when it was asked, and fails all the same', async () => {
  const error = new Error('UNAVAILABLE')
  expect(await pullOnce({ ms: 30, error })).toEqual({ told: [UNANSWERED], thrown: error })
})

test('a bridge is not ready while it drains, nor while a service does not answer', () => {
  const stop = new AbortController()
  const unavailable: string[] = []
  const readiness = {
    answered: () => {},
    unanswered: () => {},
    unavailable: () => unavailable,
  }
  expect(whyBridgeIsNotReady(stop.signal, readiness)).toEqual([])
  unavailable.push('Pub/Sub subscription live')
  expect(whyBridgeIsNotReady(stop.signal, readiness)).toEqual([
    'Pub/Sub subscription live does not answer',
  ])
  stop.abort()
  expect(whyBridgeIsNotReady(stop.signal, readiness)).toEqual([
    'the bridge drains and takes no new messages',
  ])
})
