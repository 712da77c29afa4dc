// The bridge between a real Pub/Sub server and a real Temporal: what was published is in workflows, once acknowledged it is there.

import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, test } from '@jest/globals'
import { defineSearchAttributeKey, SearchAttributeType } from '@temporalio/common'
import { MAX_MESSAGE_BYTES, WORKFLOW } from '#contracts'
import { batchId, startBatch } from '../../../bridge/start-batch.ts'
import { batchesWith, startedBatches, terminateAll } from '../../support/batches.ts'
import { startBridge, type Wiring } from '../../support/bridge.ts'
import { useBridgeSite } from '../../support/bridge-site.ts'
import { useStack } from '../../support/stack.ts'
import { waitFor } from '../../support/wait-for.ts'
import { delivery } from '../../unit/bridge/deliveries.ts'

const stack = useStack('temporal', 'pubsub')
const STAGE = defineSearchAttributeKey('Stage', SearchAttributeType.KEYWORD)
const { client, topic, stopLater } = useBridgeSite(stack)

function start(wiring: Omit<Wiring, 'client' | 'topic'> = {}): ReturnType<typeof startBridge> {
  return stopLater(startBridge({ client: client(), topic: topic(), ...wiring }))
}

const numbered = (count: number) =>
  Array.from({ length: count }, (_, index) => ({ data: `event ${index}` }))

/** Fails the first calls, then lets them through. */
function failing(times: number, what: string) {
  let left = times
  return () => {
    if (left-- > 0) throw new Error(what)
  }
}

describe('every message', () => {
  test('is in exactly one started processBatch workflow, and acknowledged', async () => {
    const bridge = start({ options: { maxEvents: 50 } })
    const ids = [
      ...(await topic().publish(...numbered(120))),
      ...(await topic().publish(...numbered(30))),
    ]
    const batches = await batchesWith(client(), topic().name, ids)
    const inBatches = batches.flatMap(({ messages }) => messages.map((one) => one.messageId))

    expect(inBatches.toSorted()).toEqual(ids.toSorted())
    expect(new Set(batches.map(({ type }) => type))).toEqual(new Set([WORKFLOW.processBatch]))
    for (const { workflowId, messages, eventCount } of batches) {
      expect(workflowId).toBe(batchId(messages))
      expect(messages.length).toBeLessThanOrEqual(50)
      expect(eventCount).toBe(messages.length)
    }
    expect(await bridge.stopAndFindLeft()).toEqual([])
    expect(bridge.acknowledged.length).toBe(150)
  })

  test.each([
    ['text', { data: '{"type":"purchase","note":"ü 漢 😀"}' }],
    ['bytes that are no text', { data: randomBytes(5_000) }],
    ['every byte', { data: Uint8Array.from({ length: 256 }, (_, byte) => byte) }],
    [
      'attributes',
      { data: 'x', attributes: { partner_id: 'dealer-7', ünïcode: '漢字', empty: '' } },
    ],
    ['attributes and no data', { attributes: { partner_id: 'dealer-7' } }],
  ])('arrives byte for byte: %s', async (_what, outgoing) => {
    start()
    const [id = ''] = await topic().publish(outgoing)
    const [batch] = await batchesWith(client(), topic().name, [id])
    const [received] = batch?.messages ?? []
    const data = Buffer.from('data' in outgoing ? outgoing.data : '')
    const attributes = 'attributes' in outgoing ? outgoing.attributes : {}
    expect(received).toMatchObject({ messageId: id, attributes })
    expect(Buffer.from(received?.data ?? [1]).toString('hex')).toBe(data.toString('hex'))
    expect(Date.parse(received?.publishTime ?? '')).toBeGreaterThan(Date.now() - 60_000)
  })

  test('of 3 MB goes in parts, each a workflow of its own, and does not block the others', async () => {
    const large = randomBytes(3_000_000)
    const bridge = start()
    const ids = await topic().publish({ data: 'before' }, { data: large }, { data: 'after' })
    const [before = '', whole = '', after = ''] = ids
    const wanted = Math.ceil(large.length / MAX_MESSAGE_BYTES)
    // Pub/Sub keeps no order, and the two others may come together or apart.
    const batches = await waitFor(async () => {
      const all = await startedBatches(client(), topic().name)
      return all.flatMap(({ messages }) => messages).length === wanted + 2 && all
    }, `${wanted} parts and the two others`)

    const parts = batches
      .flatMap(({ messages }) => messages)
      .filter(({ messageId }) => messageId === whole)
      .toSorted((a, b) => (a.part?.index ?? 0) - (b.part?.index ?? 0))
    expect(parts.map(({ part }) => part)).toEqual(parts.map((_, index) => ({ index, of: wanted })))
    expect(Buffer.compare(Buffer.concat(parts.map(({ data }) => data)), large)).toBe(0)
    const ofParts = batches.filter(({ messages }) => messages[0]?.part)
    const others = batches.filter((one) => !ofParts.includes(one))
    const otherIds = others.flatMap(({ messages }) => messages.map((one) => one.messageId))
    expect(new Set(otherIds)).toEqual(new Set([before, after]))
    const partCounts = ofParts.map(({ eventCount }) => eventCount)
    expect(partCounts.map(String).toSorted()).toEqual(['0', '0', '1'])
    expect(await bridge.stopAndFindLeft()).toEqual([])
  })
})

describe('a fault between start and acknowledgement', () => {
  test('brings the batch again, whose repeated start is a no-op that is then acknowledged', async () => {
    const fail = failing(1, 'the bridge is gone')
    const bridge = start({
      options: { pulls: 1, starts: 1 },
      aroundSource: (source) => ({
        ...source,
        acknowledge: async (ackIds) => {
          fail()
          await source.acknowledge(ackIds)
        },
      }),
    })
    const ids = await topic().publish(...numbered(5))
    await waitFor(
      () => bridge.lines.some(({ msg }) => msg.startsWith('left to Pub/Sub')),
      'the fault',
    )
    await bridge.release()
    await waitFor(() => bridge.starts.includes('repeated'), 'the redelivery')
    await waitFor(() => bridge.acknowledged.length === 5, 'its acknowledgement')
    const batches = await startedBatches(client(), topic().name)

    expect(bridge.starts).toEqual(['started', 'repeated'])
    expect(batches.map(({ messages }) => messages.map((one) => one.messageId).toSorted())).toEqual([
      ids.toSorted(),
    ])
    expect(await bridge.stopAndFindLeft()).toEqual([])
  })

  test('leaves a repeated start without effect on a workflow that has closed', async () => {
    const first = start({
      aroundSource: (source) => ({
        ...source,
        acknowledge: () => Promise.reject(new Error('the bridge is gone')),
      }),
    })
    const ids = await topic().publish(...numbered(3))
    const [batch] = await batchesWith(client(), topic().name, ids)
    await waitFor(() => first.starts.length === 1, 'the start to be answered')
    await first.stop()
    await client()
      .workflow.getHandle(batch?.workflowId ?? '')
      .terminate()

    await first.release()
    expect(await topic().waiting()).toEqual(ids.toSorted())
    const second = start()
    await waitFor(() => second.acknowledged.length === 3, 'the redelivery to be acknowledged')
    expect(second.starts).toEqual(['repeated'])
    expect((await startedBatches(client(), topic().name)).length).toBe(1)
  })
})

describe('a start that fails', () => {
  test('acknowledges nothing, and the messages come again until it succeeds', async () => {
    const fail = failing(1, 'Temporal says no')
    const bridge = start({
      aroundStart: (startReal) => async (messages) => {
        fail()
        return startReal(messages)
      },
    })
    const ids = await topic().publish(...numbered(4))
    const returned = () =>
      bridge.lines.find(({ msg }) => msg === 'left to Pub/Sub, which delivers them again')
    expect(await waitFor(returned, 'the failure to be logged')).toMatchObject({
      messages: 4,
      err: { message: 'Temporal says no' },
    })
    expect(bridge.acknowledged).toEqual([])

    await bridge.release()
    await batchesWith(client(), topic().name, ids)
    await waitFor(() => bridge.acknowledged.length === 4, 'the acknowledgement')
    expect(bridge.pulled.map(({ messageId }) => messageId).toSorted()).toEqual(
      [...ids, ...ids].toSorted(),
    )
  })

  test('holds back only the messages of its own batch', async () => {
    const bridge = start({
      options: { maxEvents: 1 },
      aroundStart: (startReal) => (messages) =>
        String(messages[0]?.data) === 'event 1'
          ? Promise.reject(new Error('Temporal says no'))
          : startReal(messages),
    })
    const [first = '', refused = '', last = ''] = await topic().publish(...numbered(3))
    await batchesWith(client(), topic().name, [first, last])
    await waitFor(() => bridge.acknowledged.length === 2, 'the acknowledgements')
    expect(await bridge.stopAndFindLeft()).toEqual([refused])
  })
})

test('a message delivered twice, first alone and then beside another, is in both batches and acknowledged', async () => {
  const first = start({
    aroundSource: (source) => ({
      ...source,
      acknowledge: () => Promise.reject(new Error('the bridge is gone')),
    }),
  })
  const [twice = ''] = await topic().publish({ data: 'twice' })
  await waitFor(() => first.starts.length === 1, 'its first start')
  await first.stop()
  const [other = ''] = await topic().publish({ data: 'other' })
  await first.release()

  const second = start({ options: { pulls: 1, starts: 1 } })
  await waitFor(() => second.acknowledged.length === 2, 'both to be acknowledged')
  const batches = await batchesWith(client(), topic().name, [twice, other])
  expect(batches.map(({ messages }) => messages.map((one) => one.messageId).toSorted())).toEqual([
    [twice],
    [twice, other].toSorted(),
  ])
  expect(await second.stopAndFindLeft()).toEqual([])
})

test('past the cap on open workflows it stops pulling and says so, and goes on when they close', async () => {
  const cap = 3
  const bridge = start({ options: { pulls: 1, starts: 1, maxEvents: 1 }, maxOpenWorkflows: cap })
  const said = (msg: string) => bridge.lines.find((line) => line.msg === msg)
  const first = await topic().publish(...numbered(cap))
  const paused = await waitFor(() => said('paused: too many open workflows'), 'the pause')
  expect(paused).toMatchObject({ open: cap, cap })

  // The pull that was under way when it paused may still bring one.
  const more = await topic().publish(...numbered(4))
  await sleep(2_500)
  expect(bridge.pulled.length).toBeLessThanOrEqual(cap + 1)
  expect(said('pulling again')).toBeUndefined()
  expect(bridge.lines.filter(({ msg }) => msg === paused.msg)).toHaveLength(1)

  await terminateAll(client(), topic().name)
  expect(await waitFor(() => said('pulling again'), 'it to go on')).toMatchObject({
    level: 30,
    cap,
  })
  const ending = setInterval(() => void terminateAll(client(), topic().name).catch(() => {}), 500)
  try {
    await batchesWith(client(), topic().name, [...first, ...more], 30_000)
  } finally {
    clearInterval(ending)
  }
  expect(await bridge.stopAndFindLeft()).toEqual([])
})

test('a batch that only waits for Segment does not count as open', async () => {
  const waiting = client().workflow.start(WORKFLOW.processBatch, {
    workflowId: `waiting-${topic().name}`,
    taskQueue: topic().name,
    typedSearchAttributes: [{ key: STAGE, value: 'activation' }],
  })
  const isListed = async () =>
    (await client().workflow.count(`WorkflowId = '${(await waiting).workflowId}'`)).count === 1
  await waitFor(isListed, 'the workflow to be listed')
  const bridge = start({ maxOpenWorkflows: 1 })
  // Several counts of open workflows.
  await sleep(2_500)
  expect(bridge.lines.map(({ msg }) => msg)).not.toContain('paused: too many open workflows')
  const ids = await topic().publish(...numbered(1))
  await waitFor(() => bridge.acknowledged.length === ids.length, 'the message to be acknowledged')
  expect(bridge.starts).toEqual(['started'])
})

test('a bridge that is paused drains and leaves the rest to Pub/Sub', async () => {
  const bridge = start({ options: { pulls: 1, starts: 1, maxEvents: 1 }, maxOpenWorkflows: 1 })
  await topic().publish({ data: 'open' })
  await waitFor(() => bridge.lines.some(({ msg }) => msg.startsWith('paused')), 'the pause')
  await topic().publish(...numbered(3))
  await sleep(300) // for the pull that was under way to bring the one it may
  await bridge.stop()
  expect(bridge.pulled.length).toBeLessThanOrEqual(2)
  // A pull cancelled while it is answered leaves its message to the ack deadline.
  await waitFor(async () => {
    const batches = await startedBatches(client(), topic().name)
    return batches.length + (await topic().waiting()).length === 4
  }, 'each message to be either in a workflow or still in the subscription')
  expect(bridge.acknowledged.length).toBe(bridge.pulled.length)
})

describe('a batch of a partner that sends most', () => {
  const priorityOf = async (workflowId: string) => {
    const { raw } = await client().workflow.getHandle(workflowId).describe()
    return raw.workflowExecutionInfo?.priority
  }

  test('waits behind the batches of the others, and shares with its like by its weight and a key that is no name', async () => {
    const [ofCrowd, ofOthers] = [[delivery().message], [delivery().message]]
    await startBatch(client(), topic().name, ofCrowd, { name: 'noisy-partner', weight: 2.5 })
    await startBatch(client(), topic().name, ofOthers)
    const behind = await priorityOf(batchId(ofCrowd))
    // Temporal's default is 3, and 1 comes first.
    expect(behind?.priorityKey).toBe(4)
    expect(behind?.fairnessWeight).toBe(2.5)
    expect(behind?.fairnessKey).toMatch(/^[0-9a-f]{32,64}$/)
    expect((await priorityOf(batchId(ofOthers)))?.priorityKey ?? 0).toBe(0)
  })
})
