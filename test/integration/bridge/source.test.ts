// Pub/Sub as the bridge uses it, against a server that waits, answers empty at once or counts bytes.

import type { v1 } from '@google-cloud/pubsub'
import { afterEach, expect, test } from '@jest/globals'
import { noopMetricMeter } from '@temporalio/common'
import { bridgeMetrics } from '#runtime/metrics/groups'
import { createSubscriber } from '#runtime/pubsub'
import { runBridge } from '../../../bridge/bridge.ts'
import { createHeld } from '../../../bridge/held.ts'
import { createPubSubSource, type Source } from '../../../bridge/source.ts'
import { recordingLog } from '../../support/recording-log.ts'
import { waitFor } from '../../support/wait-for.ts'
import { EMPTY, type PubSubServer, servePubSub } from './pubsub-server.ts'

const open: { server: PubSubServer; client: v1.SubscriberClient }[] = []

afterEach(async () => {
  for (const { server, client } of open.splice(0)) {
    await client.close()
    server.stop()
  }
})

async function sourceOf(answers: Parameters<typeof servePubSub>[0]): Promise<Source> {
  const server = await servePubSub(answers)
  const address = { GOOGLE_CLOUD_PROJECT: 'local', PUBSUB_EMULATOR_HOST: server.host }
  const client = createSubscriber(address)
  open.push({ server, client })
  return createPubSubSource(client, 'local', 'car-events-bridge')
}

test('an abort ends a pull that the server keeps open, on both sides, and it answers with none', async () => {
  const seen = { pulls: 0, cancelled: 0 }
  const source = await sourceOf({
    pull: (call) => {
      seen.pulls++
      call.on('cancelled', () => seen.cancelled++)
      return new Promise(() => {})
    },
  })
  const controller = new AbortController()
  const pulled = source.pull(10, controller.signal)
  await waitFor(() => seen.pulls === 1, 'the pull to arrive')
  controller.abort()
  expect(await pulled).toEqual([])
  await waitFor(() => seen.cancelled === 1, 'the server to hear of it')
})

test('an abort right after a pull began ends it as well', async () => {
  const source = await sourceOf({ pull: () => new Promise(() => {}) })
  const controller = new AbortController()
  const pulled = source.pull(10, controller.signal)
  controller.abort()
  expect(await pulled).toEqual([])
})

test('nothing is asked of the server once the bridge drains', async () => {
  let pulls = 0
  const source = await sourceOf({
    pull: () => {
      pulls++
      return Promise.resolve(EMPTY)
    },
  })
  expect(await source.pull(10, AbortSignal.abort())).toEqual([])
  expect(pulls).toBe(0)
})

test('a pull names its subscription in the header by which Google routes it', async () => {
  const headers: unknown[] = []
  const source = await sourceOf({
    pull: (call) => {
      headers.push(...call.metadata.get('x-goog-request-params'))
      return Promise.resolve(EMPTY)
    },
  })
  await source.pull(10, new AbortController().signal)
  expect(headers).toEqual(['subscription=projects%2Flocal%2Fsubscriptions%2Fcar-events-bridge'])
})

test('a server that answers empty at once is asked at most ten times a second by each pull', async () => {
  let pulls = 0
  const source = await sourceOf({
    pull: () => {
      pulls++
      return Promise.resolve(EMPTY)
    },
  })
  const deps = {
    source,
    start: () => Promise.reject(new Error('nothing to start')),
    toDeadLetterTopic: () => Promise.reject(new Error('nothing to set aside')),
    admit: () => Promise.resolve(),
    held: createHeld(),
    log: recordingLog().log,
    metrics: bridgeMetrics(noopMetricMeter),
  }
  const options = { pulls: 2, starts: 2, maxEvents: 10, maxBytes: 1_000, lingerMs: 5 }
  const cpu = process.cpuUsage()
  const began = performance.now()
  await runBridge(deps, options, AbortSignal.timeout(3_000))
  const seconds = (performance.now() - began) / 1_000
  const { user, system } = process.cpuUsage(cpu)

  expect(pulls).toBeGreaterThan(2)
  expect(pulls).toBeLessThanOrEqual(options.pulls * (seconds * 10 + 2))
  expect((user + system) / 1e6 / seconds).toBeLessThan(0.5)
})

test('many acknowledgements go out in requests that Pub/Sub takes', async () => {
  const sizes: number[] = []
  const source = await sourceOf({
    acknowledge: (call) => {
      sizes.push(call.request.length)
      return Promise.resolve(EMPTY)
    },
  })
  const ackIds = Array.from({ length: 4_500 }, (_, index) => String(index).padStart(220, 'a'))
  await source.acknowledge(ackIds)
  expect(sizes.length).toBeGreaterThan(1)
  expect(Math.max(...sizes)).toBeLessThan(512 * 1024)
  expect(sizes.reduce((total, size) => total + size, 0)).toBeGreaterThan(4_500 * 220)
})
