import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { PubSub, v1 } from '@google-cloud/pubsub'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { type Stack, startStack } from '../../../deploy/local/stack.ts'
import { createScratch, eventually } from '../../support/scratch.ts'

const scratch = createScratch()
let stack: Stack<'pubsub'>
let publisher: v1.PublisherClient
let subscriber: v1.SubscriberClient
let count = 0
const unlimited = { 'grpc.max_send_message_length': -1, 'grpc.max_receive_message_length': -1 }

beforeAll(async () => {
  stack = await startStack({ services: ['pubsub'], dataDir: scratch.dir })
  const options = { projectId: 'local', apiEndpoint: stack.pubsub.host, emulatorMode: true }
  const { servicePath = '', port = 0, sslCreds } = await new PubSub(options).getClientConfig()
  const config = {
    servicePath,
    port: Number(port),
    projectId: 'local',
    ...(sslCreds && { sslCreds }),
    ...unlimited,
  }
  publisher = new v1.PublisherClient(config)
  subscriber = new v1.SubscriberClient(config)
})
afterAll(async () => {
  await Promise.all([publisher.close(), subscriber.close()])
  await stack.stop()
  await scratch.remove()
})

const createPair = async (ackDeadlineSeconds = 60) => {
  const topic = `projects/local/topics/t${++count}`
  const subscription = `projects/local/subscriptions/s${count}`
  await publisher.createTopic({ name: topic })
  await subscriber.createSubscription({ name: subscription, topic, ackDeadlineSeconds })
  // The client holds single publishes back for 10 ms to bundle them.
  const publish = (...data: readonly (string | Buffer)[]) =>
    publisher.publish(
      { topic, messages: data.map((d) => ({ data: Buffer.from(d) })) },
      { isBundling: false },
    )
  const pull = async (options: { maxMessages?: number; returnImmediately?: boolean } = {}) => {
    const [response] = await subscriber.pull({ subscription, maxMessages: 1_000, ...options })
    return response.receivedMessages ?? []
  }
  const acknowledge = (messages: Awaited<ReturnType<typeof pull>>) =>
    subscriber.acknowledge({ subscription, ackIds: messages.map((m) => m.ackId ?? '') })
  return { subscription, publish, pull, acknowledge }
}

const dataOf = (messages: readonly { message?: { data?: unknown } | null }[]) =>
  messages.map(({ message }) => String(message?.data))

test('a waiting pull answers within milliseconds of a publish', async () => {
  const { publish, pull, acknowledge } = await createPair()
  const latencies: number[] = []
  for (let i = 0; i < 30; i++) {
    const pulled = pull()
    await sleep(5)
    const start = performance.now()
    await publish(`${i}`)
    const messages = await pulled
    latencies.push(performance.now() - start)
    expect(dataOf(messages)).toEqual([`${i}`])
    await acknowledge(messages)
  }
  const median = latencies.toSorted((a, b) => a - b)[15]
  expect(median).toBeLessThan(200)
})

test('what is acknowledged is gone, what is not comes back after the ack deadline', async () => {
  const { subscription, publish, pull, acknowledge } = await createPair(10)
  await publish('kept', 'lost')
  const first = await pull()
  await acknowledge(first.filter((m) => String(m.message?.data) === 'kept'))
  const ackIds = first.map((m) => m.ackId ?? '')
  const start = performance.now()
  await subscriber.modifyAckDeadline({ subscription, ackIds, ackDeadlineSeconds: 1 })
  const second = await pull()
  expect(dataOf(second)).toEqual(['lost'])
  expect(performance.now() - start).toBeGreaterThan(900)
  await acknowledge(second)
})

test('an empty pull waits some seconds and then answers with nothing, unless told not to wait', async () => {
  const { pull } = await createPair()
  let start = performance.now()
  expect(await pull({ returnImmediately: true })).toEqual([])
  const atOnceMs = performance.now() - start
  start = performance.now()
  expect(await pull()).toEqual([])
  const waitedMs = performance.now() - start
  expect(waitedMs).toBeGreaterThan(4_000)
  expect(atOnceMs).toBeLessThan(4_000)
})

test('a pull that the client gives up takes no message with it', async () => {
  const { subscription, publish, pull } = await createPair()
  await expect(
    subscriber.pull({ subscription, maxMessages: 1 }, { timeout: 100, maxRetries: 0 }),
  ).rejects.toThrow(/DEADLINE_EXCEEDED|CANCELLED/)
  // On the same connection, this follows what tells the server that the client has given up.
  expect(await pull({ returnImmediately: true })).toEqual([])
  await publish('still there')
  expect(dataOf(await pull())).toEqual(['still there'])
})

test('a message of 10 MB and a pull of 1,000 messages pass', async () => {
  const { publish, pull, acknowledge } = await createPair()
  const big = randomBytes(10_000_000)
  await publish(big)
  const [message] = await pull()
  expect(Buffer.compare(big, Buffer.from(message?.message?.data ?? ''))).toBe(0)
  await acknowledge(message ? [message] : [])

  const data = randomBytes(20_000)
  for (let i = 0; i < 4; i++) await publish(...Array.from({ length: 250 }, () => data))
  expect(await pull()).toHaveLength(1_000)
})

test('the high-level client publishes and receives', async () => {
  const pubsub = new PubSub({
    projectId: 'local',
    apiEndpoint: stack.pubsub.host,
    emulatorMode: true,
  })
  const [topic] = await pubsub.createTopic('high')
  const [subscription] = await topic.createSubscription('high')
  const received: string[] = []
  subscription.on('message', (message) => {
    received.push(`${message.data.toString()} from ${message.attributes['partner']}`)
    message.ack()
  })
  await topic.publishMessage({ data: Buffer.from('hello'), attributes: { partner: 'dealer-7' } })
  await eventually(() => received.length > 0)
  expect(received).toEqual(['hello from dealer-7'])
  await subscription.close()
  await pubsub.close()
})
