// Whatever Temporal refuses, each message ends in exactly one place: a workflow, the dead-letter topic, or Pub/Sub.

import { describe, expect, test } from '@jest/globals'
import * as fc from 'fast-check'
import { MAX_MESSAGE_BYTES, type Message } from '#contracts'
import { messageBytes } from '#contracts/message-bytes'
import { bridgeMetrics } from '#runtime/metrics/groups'
import { cutBatches } from '../../../bridge/cut-batches.ts'
import type { Delivery } from '../../../bridge/source.ts'
import { startAndAck } from '../../../bridge/start-and-ack.ts'
import { batchId, type Started } from '../../../bridge/start-batch.ts'
import { createThreadMeter } from '../../../workers/isolation/thread-meter.ts'
import { recordingLog } from '../../support/recording-log.ts'
import { ackIdsOf, delivery } from './deliveries.ts'

const CAPS = { maxEvents: 2_000, maxBytes: 1_000_000 }

/** A Temporal that takes up to so many bytes a batch, and is away for the messages a test names. */
function temporalOf(limits: {
  readonly maxBytes: number
  readonly isAway?: (message: Message) => boolean
}) {
  const started: Message[] = []
  const asked: number[] = []
  const start = async (batch: readonly Message[]): Promise<Started> => {
    asked.push(batch.length)
    if (batch.some((one) => limits.isAway?.(one))) throw new Error('Temporal is away')
    const bytes = batch.reduce((total, one) => total + messageBytes(one), 0)
    if (bytes > limits.maxBytes) return 'refused'
    started.push(...batch)
    return 'started'
  }
  return { start, started, asked }
}

function bridgeTo(
  start: (batch: readonly Message[]) => Promise<Started>,
  isTopicAway: (message: Message) => boolean = () => false,
) {
  const { log, lines } = recordingLog()
  const { meter, take } = createThreadMeter()
  const acknowledged: string[] = []
  const toDeadLetterTopic: Message[] = []
  const deps = {
    start,
    toDeadLetterTopic: async (message: Message) => {
      if (isTopicAway(message)) throw new Error('the topic is away')
      toDeadLetterTopic.push(message)
    },
    source: {
      pull: () => Promise.reject(new Error('it is pulled already')),
      acknowledge: async (ackIds: readonly string[]) => void acknowledged.push(...ackIds),
    },
    log,
    metrics: bridgeMetrics(meter),
  }
  const shipAll = (all: readonly Delivery[]) =>
    Promise.all(cutBatches(all, CAPS).map((group) => startAndAck(deps, group, null)))
  const counted = () => take().map(({ name, value }) => [name, value])
  return { shipAll, acknowledged, toDeadLetterTopic, lines, counted }
}

const idsOf = (messages: readonly Message[]) => messages.map(({ messageId }) => messageId)
const idsIn = (all: readonly Delivery[]) => idsOf(all.map(({ message }) => message))
const sized = (size: number) => delivery(Buffer.alloc(size), { attributes: {} })

const LIMIT = 1_000
const sizes = fc.array(
  fc.oneof(
    { weight: 4, arbitrary: fc.integer({ min: 0, max: 200 }) },
    { weight: 1, arbitrary: fc.integer({ min: LIMIT - 2, max: LIMIT + 2 }) },
    { weight: 1, arbitrary: fc.integer({ min: LIMIT + 1, max: 20 * LIMIT }) },
  ),
  { maxLength: 80 },
)

describe('a batch that is refused for good', () => {
  test('is halved until each message is started or set aside, never both, and all are acknowledged', async () => {
    await fc.assert(
      fc.asyncProperty(sizes, async (wanted) => {
        const all = wanted.map(sized)
        const temporal = temporalOf({ maxBytes: LIMIT })
        const bridge = bridgeTo(temporal.start)
        expect(await bridge.shipAll(all)).not.toContain(false)

        const tooLarge = all.filter(({ message }) => messageBytes(message) > LIMIT)
        expect(idsOf(bridge.toDeadLetterTopic).toSorted()).toEqual(idsIn(tooLarge).toSorted())
        const kept = [...idsOf(temporal.started), ...idsOf(bridge.toDeadLetterTopic)]
        expect(kept.toSorted()).toEqual(idsIn(all).toSorted())
        expect(bridge.acknowledged.toSorted()).toEqual(ackIdsOf(all).toSorted())
      }),
    )
  })

  test('with outages beside it: what is acknowledged is in one place, what is not is set aside nowhere', async () => {
    const flags = fc.array(fc.record({ temporal: fc.boolean(), topic: fc.boolean() }), {
      minLength: 80,
      maxLength: 80,
    })
    await fc.assert(
      fc.asyncProperty(sizes, flags, async (wanted, faults) => {
        const all = wanted.map(sized)
        const faultOf = (message: Message) => faults[idsIn(all).indexOf(message.messageId)]
        const temporal = temporalOf({
          maxBytes: LIMIT,
          isAway: (one) => faultOf(one)?.temporal === true,
        })
        const bridge = bridgeTo(temporal.start, (one) => faultOf(one)?.topic === true)
        await bridge.shipAll(all)

        for (const { ackId, message } of all) {
          const places =
            Number(idsOf(temporal.started).includes(message.messageId)) +
            Number(idsOf(bridge.toDeadLetterTopic).includes(message.messageId))
          expect(places).toBe(bridge.acknowledged.includes(ackId) ? 1 : 0)
        }
      }),
    )
  })

  test('costs two starts for every halving where one message of a thousand is at fault', async () => {
    const all = [...Array.from({ length: 700 }, () => sized(0)), sized(2 * LIMIT)]
    all.push(...Array.from({ length: 299 }, () => sized(0)))
    const temporal = temporalOf({ maxBytes: LIMIT })
    const bridge = bridgeTo(temporal.start)
    await bridge.shipAll(all)
    expect(bridge.toDeadLetterTopic.length).toBe(1)
    expect(temporal.asked.length).toBeLessThanOrEqual(1 + 2 * Math.ceil(Math.log2(all.length)))
  })
})

test('a message in parts of which one is refused is set aside whole, once, and no later part is started', async () => {
  const whole = delivery(Buffer.alloc(3 * MAX_MESSAGE_BYTES), { attributes: { partner_id: 'p' } })
  const temporal = temporalOf({ maxBytes: LIMIT })
  const bridge = bridgeTo(temporal.start)
  expect(await bridge.shipAll([whole])).toEqual([true])
  expect(bridge.toDeadLetterTopic).toEqual([whole.message])
  expect(temporal.asked).toEqual([1])
  expect(bridge.acknowledged).toEqual([whole.ackId])
})

test('a message that cannot be set aside is left to Pub/Sub, and the rest goes on', async () => {
  const [small, large] = [sized(10), sized(2 * LIMIT)]
  const temporal = temporalOf({ maxBytes: LIMIT })
  const bridge = bridgeTo(temporal.start, () => true)
  expect(await bridge.shipAll([small, large])).toEqual([false])
  expect(bridge.acknowledged).toEqual([small.ackId])
  expect(bridge.lines).toEqual([
    expect.objectContaining({
      msg: 'left to Pub/Sub, which delivers them again',
      messages: 1,
      err: expect.objectContaining({ message: 'the topic is away' }),
    }),
  ])
})

test.each<[string, () => Promise<Started>, readonly [string, number]]>([
  ['started', async () => 'started', ['bridge_batches_started_total', 1]],
  ['there already', async () => 'repeated', ['bridge_batches_repeated_total', 1]],
  [
    'not started',
    () => Promise.reject(new Error('Temporal is away')),
    ['bridge_messages_returned_total', 3],
  ],
])('a batch of three messages that is %s is counted so', async (_what, start, counted) => {
  const bridge = bridgeTo(start)
  await bridge.shipAll([sized(1), sized(2), sized(3)])
  expect(bridge.counted()).toEqual([counted])
})

test('halves of a refused batch are counted as such, and keep the priority of their partner', async () => {
  const asked: (readonly [number, string | null])[] = []
  const { log } = recordingLog()
  const { meter, take } = createThreadMeter()
  const acknowledged: string[][] = []
  const deps = {
    start: async (batch: readonly Message[], noisyPartner: string | null): Promise<Started> => {
      asked.push([batch.length, noisyPartner])
      return batch.length > 2 ? 'refused' : 'started'
    },
    toDeadLetterTopic: () => Promise.reject(new Error('none is too large')),
    source: {
      pull: () => Promise.reject(new Error('it is pulled already')),
      acknowledge: async (ackIds: readonly string[]) => void acknowledged.push([...ackIds]),
    },
    log,
    metrics: bridgeMetrics(meter),
  }
  const all = [sized(1), sized(2), sized(3)]
  const [group] = cutBatches(all, CAPS)
  expect(group && (await startAndAck(deps, group, 'dealer-7'))).toBe(true)
  expect(asked).toEqual([
    [3, 'dealer-7'],
    [2, 'dealer-7'],
    [1, 'dealer-7'],
  ])
  expect(acknowledged).toEqual([ackIdsOf(all.slice(0, 2)), ackIdsOf(all.slice(2))])
  const counted = take().map(({ name, tags, value }) => [name, tags['cause'], value])
  expect(counted.filter(([name]) => name === 'bridge_batches_cut_total')).toEqual([
    ['bridge_batches_cut_total', 'refused', 1],
    ['bridge_batches_cut_total', 'refused', 1],
  ])
  expect(counted.filter(([name]) => name === 'bridge_batch_events_sum')).toEqual([
    ['bridge_batch_events_sum', undefined, 2],
    ['bridge_batch_events_sum', undefined, 1],
  ])
  expect(counted.filter(([name]) => name === 'bridge_batch_events_count')).toEqual([
    ['bridge_batch_events_count', undefined, 1],
    ['bridge_batch_events_count', undefined, 1],
  ])
  expect(counted.filter(([name]) => name === 'bridge_batches_started_total')).toHaveLength(2)
})

test('messages that are left to Pub/Sub are logged with the workflows that may have them', async () => {
  const bridge = bridgeTo(() => Promise.reject(new Error('Temporal is away')))
  const all = [sized(1), sized(2)]
  expect(await bridge.shipAll(all)).toEqual([false])
  expect(bridge.lines).toMatchObject([
    { level: 40, messages: 2, workflowIds: [batchId(all.map(({ message }) => message))] },
  ])
})

test('messages whose acknowledgement fails are counted as left to Pub/Sub', async () => {
  const { log } = recordingLog()
  const { meter, take } = createThreadMeter()
  const deps = {
    start: async (): Promise<Started> => 'started',
    toDeadLetterTopic: async () => {},
    source: {
      pull: async () => [],
      acknowledge: () => Promise.reject(new Error('Pub/Sub is away')),
    },
    log,
    metrics: bridgeMetrics(meter),
  }
  const [group] = cutBatches([sized(1), sized(2)], CAPS)
  expect(group && (await startAndAck(deps, group, null))).toBe(false)
  expect(take().map(({ name, value }) => [name, value])).toEqual([
    ['bridge_batches_started_total', 1],
    ['bridge_messages_returned_total', 2],
  ])
})
