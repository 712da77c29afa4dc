// How change events become requests: within the limits of Pub/Sub, and those of one order one request after the other.

import type { v1 } from '@google-cloud/pubsub'
import { expect, test } from '@jest/globals'
import { noRemoteLog } from '#runtime/remote-log'
import { createPublishInOrder, type Ordered } from '../../../activities/changes/publish-in-order.ts'
import { attempt } from '../../support/activities.ts'

const messagesOf = (orderingKey: string, count: number, bytes = 1): Ordered[] =>
  Array.from({ length: count }, (_, at) => ({
    data: Buffer.alloc(bytes, `${at}`),
    attributes: { at: String(at) },
    orderingKey,
  }))

type Request = { readonly messages: readonly Ordered[] }

/** A Pub/Sub that notes its requests, and how many of them were under way at the same time. */
function pubsub(answer: (request: Request) => void = () => {}) {
  const requests: Request[] = []
  let [underWay, most] = [0, 0]
  const publisher: v1.PublisherClient = Object({
    publish: async (request: Request) => {
      requests.push(request)
      most = Math.max(most, ++underWay)
      await new Promise((resolve) => {
        setImmediate(resolve)
      })
      underWay -= 1
      answer(request)
      return [{ messageIds: request.messages.map((_, at) => `id-${at}`) }]
    },
  })
  const publish = createPublishInOrder(publisher, 'topic', noRemoteLog)
  return { requests, most: () => most, publish }
}

test('a request has a thousand messages at most, and those of an order keep their order', async () => {
  const { publish, requests, most } = pubsub()
  const messages = messagesOf('dealer-7/A001', 2_001)
  await publish(messages)
  expect(requests.map((request) => request.messages.length)).toEqual([1_000, 1_000, 1])
  expect(requests.flatMap((request) => request.messages)).toEqual(messages)
  expect(most()).toBe(1)
})

test('a request has ten megabytes at most', async () => {
  const { publish, requests } = pubsub()
  await publish(messagesOf('dealer-7/A001', 21, 1_000_000))
  const sizes = requests.map((request) =>
    request.messages.reduce((sum, { data }) => sum + data.length, 0),
  )
  expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(21_000_000)
  expect(Math.max(...sizes)).toBeLessThan(10_000_000)
})

test('each order has requests of its own, of which a hundred are under way at most', async () => {
  const { publish, requests, most } = pubsub()
  const orders = Array.from({ length: 250 }, (_, at) => `dealer-7/${at}`)
  await publish([...orders, ...orders].flatMap((order) => messagesOf(order, 1)))
  expect(requests).toHaveLength(250)
  for (const { messages } of requests)
    expect(new Set(messages.map(({ orderingKey }) => orderingKey)).size).toBe(1)
  expect(most()).toBe(100)
})

test('after a failure no further request is begun', async () => {
  const { publish, requests } = pubsub(() => {
    throw Object.assign(new Error('away'), { code: 14 })
  })
  const orders = Array.from({ length: 250 }, (_, at) => `dealer-7/${at}`)
  const published = attempt(publish, [orders.flatMap((order) => messagesOf(order, 1))])
  await expect(published).rejects.toMatchObject({ type: 'pubsub_unavailable' })
  expect(requests.length).toBeLessThan(250)
})
