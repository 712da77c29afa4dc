// A Temporal with a lower limit than ours: what it can never take is in the dead-letter topic, the rest in workflows.

import { randomBytes, randomUUID } from 'node:crypto'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals'
import { Client, Connection } from '@temporalio/client'
import { setUpSearchAttributes } from '#operations/setup/search-attributes'
import { subscriptionPath } from '#runtime/pubsub'
import { startBatch } from '../../../bridge/start-batch.ts'
import { stackDir } from '../../../deploy/local/paths.ts'
import { type RunningProcess, startProcess, wrappedCommand } from '../../../deploy/local/process.ts'
import { namespaceAt } from '../../../deploy/local/temporal.ts'
import { ensureTools } from '../../../deploy/local/tools.ts'
import { message } from '../../fixtures/messages.ts'
import { batchesWith, startedBatches, terminateAll } from '../../support/batches.ts'
import { startBridge } from '../../support/bridge.ts'
import { onFreePort } from '../../support/ports.ts'
import { useStack } from '../../support/stack.ts'
import { createTopic, type Topic } from '../../support/topic.ts'
import { waitFor } from '../../support/wait-for.ts'

const LIMIT_BYTES = 100_000
/** Of a batch that is no part of a test. */
const OTHER_QUEUE = 'elsewhere'

const stack = useStack('pubsub')
const logDir = join(stackDir, 'test', randomUUID())
let temporal: RunningProcess
let client: Client
let topic: Topic
let bridge: ReturnType<typeof startBridge> | undefined

beforeAll(async () => {
  const { temporal: command = 'temporal' } = await ensureTools({ services: ['temporal'] })
  const flags = [
    '--headless',
    '--ip=127.0.0.1',
    '--log-level=error',
    `--dynamic-config-value=limit.blobSize.error=${LIMIT_BYTES}`,
    `--dynamic-config-value=limit.blobSize.warn=${LIMIT_BYTES}`,
  ]
  temporal = await onFreePort((port) =>
    startProcess({
      name: 'temporal',
      command: wrappedCommand(command, 'server', 'start-dev', `--port=${port}`, ...flags),
      logDir,
      ready: () => namespaceAt(`127.0.0.1:${port}`),
      readyWithinMs: 60_000,
    }),
  )
  client = new Client({ connection: await Connection.connect({ address: temporal.address }) })
}, 120_000)
afterAll(async () => {
  await client.connection.close()
  await temporal.stop()
  await rm(logDir, { recursive: true, force: true })
})

beforeEach(async () => {
  topic = createTopic(stack().pubsub.host)
  await topic.create()
})
afterEach(async () => {
  await bridge?.stop()
  bridge = undefined
  await terminateAll(client, topic.name)
  await topic.close()
})

// First, while nobody has registered them.
test('a Temporal without our search attributes refuses every start, and every message stays with Pub/Sub', async () => {
  bridge = startBridge({ client, topic })
  const ids = await topic.publish({ data: 'one' }, { data: randomBytes(2 * LIMIT_BYTES) })
  const returned = () => bridge?.lines.find(({ msg }) => msg.startsWith('left to Pub/Sub'))
  const line = await waitFor(returned, 'the refusal')
  expect(JSON.stringify(line)).toMatch(
    /no mapping defined for search attribute (EventCount|OldestEventAt)/,
  )
  expect(await bridge.stopAndFindLeft()).toEqual(ids.toSorted())
  expect(await topic.deadLetters()).toEqual([])
})

test('what is too large is set aside byte for byte with where it came from, and the rest of its batch goes on', async () => {
  await setUpSearchAttributes(client)
  await registered()
  const data = randomBytes(2 * LIMIT_BYTES)
  const attributes = { partner_id: 'dealer-7', ünïcode: '漢字', dead_letter_reason: 'mine' }
  const small = Array.from({ length: 40 }, (_, index) => ({ data: `event ${index}` }))
  const [large = '', ...ids] = await topic.publish({ data, attributes }, ...small)
  bridge = startBridge({ client, topic, options: { pulls: 1, starts: 1 } })

  await batchesWith(client, topic.name, ids)
  const dead = await waitFor(async () => {
    const found = await topic.deadLetters()
    return found.length > 0 && found
  }, 'the dead-letter topic')
  expect(dead.map(({ attributes: found }) => found)).toEqual([
    {
      ...attributes,
      dead_letter_reason: 'too_large_for_temporal',
      original_message_id: large,
      original_publish_time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/),
      original_subscription: subscriptionPath('local', topic.name),
    },
  ])
  expect(Buffer.compare(Buffer.from(dead[0]?.data ?? ''), data)).toBe(0)
  // The line follows the answer of Pub/Sub, which has the message before that.
  const line = () => bridge?.lines.find(({ messageId }) => messageId === large)
  expect(await waitFor(line, 'the line of the log')).toMatchObject({
    level: 50,
    deadLetterMessageId: dead[0]?.messageId,
    msg: expect.stringMatching(/^too large for Temporal/),
  })
  expect(await bridge.stopAndFindLeft()).toEqual([])
  const started = (await startedBatches(client, topic.name)).flatMap(({ messages }) => messages)
  expect(started.map(({ messageId }) => messageId).toSorted()).toEqual(ids.toSorted())
})

test('a batch that is only together too large is started in halves, and nothing is set aside', async () => {
  const ids = await topic.publish(
    ...Array.from({ length: 8 }, () => ({ data: randomBytes(LIMIT_BYTES / 4) })),
  )
  bridge = startBridge({ client, topic, options: { pulls: 1, starts: 1 } })
  await batchesWith(client, topic.name, ids)
  expect(await bridge.stopAndFindLeft()).toEqual([])
  expect(await topic.deadLetters()).toEqual([])
})

test('without a dead-letter topic nothing is acknowledged, and it is set aside once there is one', async () => {
  await topic.dropDeadLetterTopic()
  const [large = ''] = await topic.publish({ data: randomBytes(2 * LIMIT_BYTES) })
  bridge = startBridge({ client, topic })
  const returned = () => bridge?.lines.find(({ msg }) => msg.startsWith('left to Pub/Sub'))
  await waitFor(returned, 'the failure')
  expect(bridge.acknowledged).toEqual([])

  await topic.createDeadLetterTopic()
  await bridge.release()
  await waitFor(() => bridge?.acknowledged.length === 1, 'it to be acknowledged')
  const dead = await topic.deadLetters()
  expect(dead.map(({ attributes }) => attributes?.['original_message_id'])).toEqual([large])
})

/** A start is refused until the server's front end knows a new search attribute, about a second later. */
async function registered(): Promise<void> {
  const start = () =>
    startBatch(client, OTHER_QUEUE, [message()]).then(
      () => true,
      () => false,
    )
  await waitFor(start, 'a start with the search attributes')
  await terminateAll(client, OTHER_QUEUE)
}
