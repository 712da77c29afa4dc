// The loop of the bridge: what is started and acknowledged of each pull, and by what each batch ended.

import { expect, test } from '@jest/globals'
import { bridgeMetrics } from '#runtime/metrics/groups'
import { runBridge } from '../../../bridge/bridge.ts'
import { createHeld } from '../../../bridge/held.ts'
import type { Delivery } from '../../../bridge/source.ts'
import type { Started } from '../../../bridge/start-batch.ts'
import { createThreadMeter } from '../../../workers/isolation/thread-meter.ts'
import { recordingLog } from '../../support/recording-log.ts'
import { ackIdsOf, deliveries, delivery } from './deliveries.ts'

const OPTIONS = { pulls: 1, starts: 1, maxEvents: 1_000, maxBytes: 1_000_000, lingerMs: 0 }

/** The bridge is to stop while the first answer of Pub/Sub waits for more. */
const DRAINED = { ...OPTIONS, lingerMs: 3_600_000 }

/** Runs until one pull has been dealt with. @param stop ends it earlier where it is aborted */
async function bridge(
  pulled: readonly Delivery[],
  start: () => Promise<Started>,
  { stop = new AbortController(), own = OPTIONS, admit = async () => {} } = {},
) {
  const { meter, take } = createThreadMeter()
  const acknowledged: string[] = []
  const started: (readonly [string | null, number])[] = []
  const answers = [pulled]
  const deps = {
    source: {
      pull: async (_max: number, signal: AbortSignal) => {
        const next = answers.shift()
        if (next && own === DRAINED) stop.abort()
        if (next) return next
        if (!signal.aborted)
          await new Promise((resolve) => {
            signal.addEventListener('abort', resolve)
          })
        return []
      },
      acknowledge: async (ackIds: readonly string[]) => void acknowledged.push(...ackIds),
    },
    admit,
    held: createHeld(),
    start: async (messages: readonly unknown[], noisyPartner: string | null) => {
      started.push([noisyPartner, messages.length])
      // What was pulled is dealt with: the bridge is to stop.
      queueMicrotask(() => stop.abort())
      return start()
    },
    toDeadLetterTopic: async () => {},
    log: recordingLog().log,
    metrics: bridgeMetrics(meter),
  }
  await runBridge(deps, own, stop.signal)
  const told = take()
  const valuesOf = (name: string) => told.filter((one) => one.name === name)
  return {
    acknowledged,
    started,
    causes: valuesOf('bridge_batches_cut_total').map(({ tags }) => tags['cause']),
    returned: valuesOf('bridge_messages_returned_total').map(({ value }) => value),
    unasked: answers.length,
    received: valuesOf('bridge_messages_received_total').map(({ value }) => value),
    heldSeconds: deps.held.oldestSeconds(),
  }
}

const ofPartner = (partner_id: string, count: number) =>
  Array.from({ length: count }, () => delivery('event', { attributes: { partner_id } }))

test('a noisy partner has batches of its own, which are counted as such', async () => {
  const pulled = [...ofPartner('dealer-7', 150), ...ofPartner('dealer-8', 50)]
  const { started, causes, acknowledged, received } = await bridge(pulled, async () => 'started')
  expect(started).toEqual([
    [null, 50],
    ['dealer-7', 150],
  ])
  expect(causes).toEqual(['linger', 'priority'])
  expect(received).toEqual([200])
  expect(acknowledged.toSorted()).toEqual(ackIdsOf(pulled).toSorted())
})

test('messages whose start fails are not acknowledged, and not held any more', async () => {
  const fail = () => Promise.reject(new Error('Temporal does not answer'))
  const done = await bridge(deliveries(3), fail)
  expect(done).toMatchObject({ acknowledged: [], returned: [3], heldSeconds: 0 })
})

test('what lingered when the bridge is to stop is started, acknowledged and counted as drained', async () => {
  const pulled = deliveries(3)
  const { causes, acknowledged } = await bridge(pulled, async () => 'started', { own: DRAINED })
  expect(causes).toEqual(['drain'])
  expect(acknowledged).toEqual(ackIdsOf(pulled))
})

test('a bridge that is stopped while it waits for the cap asks Pub/Sub for nothing', async () => {
  const stop = new AbortController()
  const admit = async () => stop.abort()
  const { started, unasked, received } = await bridge(deliveries(3), async () => 'started', {
    stop,
    admit,
  })
  expect([started, unasked, received]).toEqual([[], 1, []])
})

test('the pause after a failed start ends when the bridge is to stop, and lasts until then', async () => {
  const stop = new AbortController()
  const log = recordingLog()
  const { meter } = createThreadMeter()
  let starts = 0
  const deps = {
    source: {
      pull: async () => {
        await new Promise((resolve) => setImmediate(resolve))
        return deliveries(1)
      },
      acknowledge: async () => {},
    },
    admit: async () => {},
    held: createHeld(),
    start: async (): Promise<Started> => {
      starts += 1
      throw new Error('Temporal does not answer')
    },
    toDeadLetterTopic: async () => {},
    log: log.log,
    metrics: bridgeMetrics(meter),
  }
  const running = runBridge(deps, { ...OPTIONS, maxEvents: 1 }, stop.signal)
  for (let turn = 0; turn < 50; turn++) await new Promise((resolve) => setImmediate(resolve))
  expect(starts).toBe(1)
  stop.abort()
  await running
})
