// Events of a dead letter go round by the retry topic: published with lineage, pulled by the bridge, and never for ever.

import { randomBytes, randomUUID } from 'node:crypto'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from '@jest/globals'
import type { Message } from '#contracts'
import { republish } from '#operations/dead-letters/republish'
import { LetterRefusedError } from '#operations/errors'
import { cliConfig, readConfig } from '#runtime/config'
import { explainError } from '../../../cli/explain-error.ts'
import { stackDir } from '../../../deploy/local/paths.ts'
import { message, purchase } from '../../fixtures/messages.ts'
import { batchesWith } from '../../support/batches.ts'
import { useBridgeSite } from '../../support/bridge-site.ts'
import { startMain } from '../../support/main-process.ts'
import { NOWHERE } from '../../support/ports.ts'
import { useStack } from '../../support/stack.ts'

const stack = useStack('temporal', 'pubsub')
const logDir = join(stackDir, 'test', randomUUID())
const LETTER = 'dead-letter/batch-0123/dealer-7-abcd/validation'
const { client, topic, stopLater } = useBridgeSite(stack)

afterAll(() => rm(logDir, { recursive: true, force: true }))

const address = () => readConfig(cliConfig, topic().settings)
const send = (messages: readonly Message[], deadLetterId = LETTER) =>
  republish(address(), messages, { deadLetterId })

async function startBridge(): Promise<void> {
  const bridge = await startMain('bridge', logDir, {
    ...stack().env,
    ...topic().settings,
    TEMPORAL_TASK_QUEUE: topic().name,
  })
  stopLater(bridge)
}

/** The messages as the bridge brought them to Temporal, by id. */
async function arrived(ids: readonly string[]): Promise<Message[]> {
  const batches = await batchesWith(client(), topic().name, ids, 40_000)
  const all = batches.flatMap(({ messages }) => messages)
  return ids.flatMap((id) => all.filter(({ messageId }) => messageId === id))
}

const failure = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => 'it was published',
    (error: unknown) => error,
  )

test('a bridge pulls both topics, and what comes by the retry topic is the same but for its lineage', async () => {
  await startBridge()
  const events = [
    message(purchase),
    message(randomBytes(2_000), { attributes: { partner_id: 'dealer-8', note: 'ü' } }),
  ]
  const [live = ''] = await topic().publish({ data: 'live' })
  const ids = await send(events)
  expect(ids.length).toBe(2)
  const received = await arrived([live, ...ids])

  expect(received.map(({ attributes }) => attributes)).toEqual([
    {},
    ...events.map(({ attributes, messageId, publishTime }) => ({
      ...attributes,
      redrive_of: LETTER,
      redrive_attempt: '1',
      original_message_id: messageId,
      original_publish_time: publishTime,
    })),
  ])
  const bytes = received.slice(1).map(({ data }) => Buffer.from(data).toString('hex'))
  expect(bytes).toEqual(events.map(({ data }) => Buffer.from(data).toString('hex')))
})

test('a partner’s attributes of these names are replaced, and each round counts on from the one before', async () => {
  await startBridge()
  const attributes = { partner_id: 'dealer-7', redrive_of: 'mine', original_message_id: 'mine' }
  const first = message(purchase, { attributes })
  const [once] = await arrived(await send([first]))
  if (!once) throw new Error('it did not arrive')
  expect(once.attributes).toMatchObject({ redrive_of: LETTER, redrive_attempt: '1' })
  expect(once.attributes['original_message_id']).toBe(first.messageId)

  // It failed again: its attributes stand in the new dead letter.
  const [twice] = await arrived(await send([once], `${LETTER}-again`))
  expect(twice?.attributes).toEqual({
    partner_id: 'dealer-7',
    redrive_of: `${LETTER}-again`,
    redrive_attempt: '2',
    original_message_id: once.messageId,
    original_publish_time: once.publishTime,
  })
})

test('more than a request may hold goes in several, in order', async () => {
  await startBridge()
  const events = Array.from({ length: 1_203 }, (_, index) => message(`event ${index}`))
  const received = await arrived(await send(events))
  expect(received.map(({ data }) => String(data))).toEqual(events.map(({ data }) => String(data)))
})

describe('nothing is published', () => {
  test.each<[string, Partial<Message>, RegExp]>([
    [
      'that came back too often',
      { attributes: { redrive_attempt: '5' } },
      /^[0-9a-f]{8} \(dead-letter\/.*\): message m\d+ has come back from the retry topic 5 times.* discard it\. Nothing was redriven\.$/,
    ],
    [
      'without room for where it came from',
      {
        attributes: Object.fromEntries(Array.from({ length: 98 }, (_, index) => [`a${index}`, ''])),
      },
      /: message m\d+ has no room for original_message_id, original_publish_time: .*without --via-topic\. Nothing/,
    ],
  ])('of a dead letter with an event %s', async (_what, overrides, line) => {
    const told = await failure(send([message(), message(purchase, overrides)]))
    expect(told).toBeInstanceOf(LetterRefusedError)
    expect(explainError(told)).toMatchObject({ message: expect.stringMatching(line) })
    expect(await topic().waitingRetries()).toEqual([])
  })

  test('where there is no such topic, and the way out is told', async () => {
    const elsewhere = { ...address(), PUBSUB_RETRY_TOPIC: 'not-there' }
    const told = await failure(republish(elsewhere, [message()], { deadLetterId: LETTER }))
    expect(told).toMatchObject({ code: 'retry_topic_missing', details: { topic: 'not-there' } })
    expect(explainError(told)).toMatchObject({
      exitCode: 2,
      message:
        'Topic not-there does not exist, so nothing was published: run `npm run setup`, or correct PUBSUB_RETRY_TOPIC.',
    })
  })

  test('where no Pub/Sub answers', async () => {
    const nowhere = { ...address(), PUBSUB_EMULATOR_HOST: NOWHERE }
    const told = await failure(republish(nowhere, [message()], { deadLetterId: LETTER }))
    expect(told).toMatchObject({ name: 'PubSubError', code: 'unreachable' })
    expect(explainError(told)).toMatchObject({
      message: expect.stringMatching(/^Pub\/Sub does not answer at/),
      exitCode: 2,
    })
  })
})
