// What the bridge makes of an answer of Pub/Sub, to the microsecond, and how it acknowledges.

import type { v1 } from '@google-cloud/pubsub'
import { expect, test } from '@jest/globals'
import { GRPC } from '#runtime/status-codes'
import { createPubSubSource, PULL_TIMEOUT_MS } from '../../../bridge/source.ts'

const SUBSCRIPTION = 'projects/p/subscriptions/live'

/** @param answer to every pull */
function sourceOf(answer: () => Promise<unknown>) {
  const asked: unknown[][] = []
  const acknowledged: { readonly subscription: string; readonly ackIds: readonly string[] }[] = []
  const client: v1.SubscriberClient = Object({
    initialize: async () => {},
    innerApiCalls: {
      pull: (...request: unknown[]) => {
        asked.push(request)
        return Object.assign(answer(), { cancel: () => {} })
      },
    },
    acknowledge: async (request: (typeof acknowledged)[number]) => void acknowledged.push(request),
  })
  return { source: createPubSubSource(client, 'p', 'live'), asked, acknowledged }
}

const signal = new AbortController().signal

const pullOf = (received: object | null) =>
  sourceOf(async () => [{ receivedMessages: received && [received] }]).source.pull(5, signal)

test.each([
  [1_795_000_000, 0, '2026-11-18T11:06:40.000000Z'],
  [1_795_000_000, 999, '2026-11-18T11:06:40.000000Z'],
  [1_795_000_000, 1_000, '2026-11-18T11:06:40.000001Z'],
  [1_795_000_000, 42_000, '2026-11-18T11:06:40.000042Z'],
  [1_795_000_000, 7_000_000, '2026-11-18T11:06:40.007000Z'],
  [1_795_000_000, 120_034_999, '2026-11-18T11:06:40.120034Z'],
  ['1795000000', 999_999_999, '2026-11-18T11:06:40.999999Z'],
])('%s s and %d ns are %s', async (seconds, nanos, publishTime) => {
  const message = { messageId: 'm1', publishTime: { seconds, nanos }, attributes: { a: 'b' } }
  const [delivery] = await pullOf({ ackId: 'ack', message: { ...message, data: 'aGk=' } })
  expect(delivery).toEqual({
    ackId: 'ack',
    message: { messageId: 'm1', publishTime, attributes: { a: 'b' }, data: Buffer.from('hi') },
  })
})

test('a message without data or attributes is one all the same', async () => {
  const [delivery] = await pullOf({ ackId: 'ack', message: { messageId: 'm1' } })
  expect(delivery?.message).toMatchObject({ attributes: {}, data: new Uint8Array() })
  expect(await pullOf(null)).toEqual([])
})

test('a pull asks once for as many messages as it may take, and waits for as long as Pub/Sub', async () => {
  const { source, asked } = sourceOf(async () => [{}])
  await source.pull(7, signal)
  expect(asked).toMatchObject([
    [
      { subscription: SUBSCRIPTION, maxMessages: 7 },
      { timeout: PULL_TIMEOUT_MS, retry: null },
    ],
  ])
  // Pub/Sub answers an empty pull after a minute and a half: one that ends by the time-out had no answer.
  expect(PULL_TIMEOUT_MS).toBeGreaterThan(90_000)
  expect(PULL_TIMEOUT_MS).toBeLessThanOrEqual(120_000)
  expect(await source.pull(7, AbortSignal.abort())).toEqual([])
  expect(asked).toHaveLength(1)
})

const failing = (code: number) => {
  const error = Object.assign(new Error('pull'), { code })
  return { error, source: sourceOf(() => Promise.reject(error)).source }
}

test.each(Object.entries(GRPC).filter(([, code]) => code !== GRPC.OK))(
  'a pull that ends with %s',
  async (name, code) => {
    const { error, source } = failing(code)
    const pulled = source.pull(1, signal).catch((reason: unknown) => reason)
    const isEmpty = ['CANCELLED', 'DEADLINE_EXCEEDED'].includes(name)
    expect(await pulled).toEqual(isEmpty ? [] : error)
  },
)

test.each([0, 1, 2_000, 2_001, 4_001])('%d messages are acknowledged, each once', async (count) => {
  const { source, acknowledged } = sourceOf(async () => [{}])
  const ackIds = Array.from({ length: count }, (_, at) => `ack-${at}`)
  await source.acknowledge(ackIds)
  expect(acknowledged.flatMap((one) => one.ackIds)).toEqual(ackIds)
  expect(acknowledged).toHaveLength(Math.ceil(count / 2_000))
  for (const { subscription, ackIds: own } of acknowledged)
    expect([subscription, own.length <= 2_000]).toEqual([SUBSCRIPTION, true])
})
