// A message for the dead-letter topic is counted and logged once Pub/Sub has confirmed it, and not before.

import { expect, test } from '@jest/globals'
import { messageBytes } from '#contracts/message-bytes'
import { bridgeMetrics } from '#runtime/metrics/groups'
import { createDeadLetterTopic } from '../../../bridge/dead-letter-topic.ts'
import { createThreadMeter } from '../../../workers/isolation/thread-meter.ts'
import { message, purchase } from '../../fixtures/messages.ts'
import { recordingLog } from '../../support/recording-log.ts'

const NAMES = { topic: 'projects/p/topics/dead', subscription: 'projects/p/subscriptions/live' }

async function publishTo(answer: () => Promise<unknown>) {
  const { meter, take } = createThreadMeter()
  const { log, lines } = recordingLog()
  const toTopic = createDeadLetterTopic(
    Object({ publish: answer }),
    NAMES,
    log,
    bridgeMetrics(meter),
  )
  const error: unknown = await toTopic(message(purchase)).then(
    () => null,
    (thrown: unknown) => thrown,
  )
  const counted = take().map(({ name, value }) => [name, value])
  return { error, counted, said: lines.map(({ deadLetterMessageId }) => deadLetterMessageId) }
}

test('a message that Pub/Sub confirmed is counted once, and logged with its new id', async () => {
  expect(await publishTo(async () => [{ messageIds: ['9'] }])).toEqual({
    error: null,
    counted: [['bridge_messages_dead_lettered_total', 1]],
    said: ['9'],
  })
})

test.each([
  ['refused', () => Promise.reject(new Error('refused'))],
  ['not confirmed', async () => [{ messageIds: [] }]],
])(
  'a message that is %s is neither, so that it stays with the subscription',
  async (_what, answer) => {
    expect(await publishTo(answer)).toEqual({ error: expect.any(Error), counted: [], said: [] })
  },
)

test('what is published is the message with where it came from and why, and the log says what to do', async () => {
  const requests: object[] = []
  const how: object[] = []
  const { log, lines } = recordingLog()
  const { meter } = createThreadMeter()
  const publisher = Object({
    publish: async (request: object, options: object) => {
      requests.push(request)
      how.push(options)
      return [{ messageIds: ['9'] }]
    },
  })
  const traceparent = `00-${'0a'.repeat(16)}-${'0b'.repeat(8)}-01`
  const one = message(purchase, { messageId: 'm1', attributes: { traceparent } })
  await createDeadLetterTopic(publisher, NAMES, log, bridgeMetrics(meter))(one)
  const attributes = {
    traceparent,
    dead_letter_reason: 'too_large_for_temporal',
    original_message_id: 'm1',
    original_publish_time: one.publishTime,
    original_subscription: NAMES.subscription,
  }
  expect(requests).toEqual([{ topic: NAMES.topic, messages: [{ data: one.data, attributes }] }])
  // It does not wait for others, and fails long before the ack deadline of the message ends.
  expect(how).toEqual([{ isBundling: false, timeout: 15_000 }])
  expect(lines).toMatchObject([
    {
      level: 50,
      messageId: 'm1',
      publishTime: one.publishTime,
      traceId: '0a'.repeat(16),
      bytes: messageBytes(one),
      topic: NAMES.topic,
      msg: expect.stringContaining('Raise limit.blobSize.error to 2 MB'),
    },
  ])
  expect(lines[0]).not.toHaveProperty('leftOut')
})

test('a message without room for where it came from is told to be so', async () => {
  const attributes = Object.fromEntries(Array.from({ length: 99 }, (_, at) => [`a${at}`, 'x']))
  const { log, lines } = recordingLog()
  const publisher = Object({ publish: async () => [{ messageIds: ['9'] }] })
  const toTopic = createDeadLetterTopic(
    publisher,
    NAMES,
    log,
    bridgeMetrics(createThreadMeter().meter),
  )
  await toTopic(message(purchase, { attributes }))
  expect(lines[0]?.['leftOut']).toHaveLength(3)
})
