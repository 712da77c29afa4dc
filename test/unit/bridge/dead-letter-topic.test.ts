// A message for the dead-letter topic is counted and logged once Pub/Sub has confirmed it, and not before.

import { expect, test } from '@jest/globals'
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
