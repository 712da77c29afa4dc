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

/** Runs until one pull has been dealt with. */
async function bridge(pulled: readonly Delivery[], start: () => Promise<Started>) {
  const stop = new AbortController()
  const { meter, take } = createThreadMeter()
  const acknowledged: string[] = []
  const started: (readonly [string | null, number])[] = []
  const answers = [pulled]
  const deps = {
    source: {
      pull: async (_max: number, signal: AbortSignal) => {
        const next = answers.shift()
        if (next) return next
        if (!signal.aborted)
          await new Promise((resolve) => {
            signal.addEventListener('abort', resolve)
          })
        return []
      },
      acknowledge: async (ackIds: readonly string[]) => void acknowledged.push(...ackIds),
    },
    admit: async () => {},
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
  await runBridge(deps, OPTIONS, stop.signal)
  const told = take()
  const valuesOf = (name: string) => told.filter((one) => one.name === name)
  return {
    acknowledged,
    started,
    causes: valuesOf('bridge_batches_cut_total').map(({ tags }) => tags['cause']),
    returned: valuesOf('bridge_messages_returned_total').map(({ value }) => value),
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
