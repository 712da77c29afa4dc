// Publishes bench events at a steady rate, each marked with the moment it was sent and the group it belongs to.

import { setTimeout as sleep } from 'node:timers/promises'
import type { v1 } from '@google-cloud/pubsub'
import { monotonicMs, wallClockMs } from '#runtime/clock'
import type { BenchEvent, EventPool } from './events.ts'

export type SteadyLoad = {
  /** Path of the topic. */
  readonly topic: string
  readonly pool: EventPool
  /** Events a second. */
  readonly rate: number
  readonly seconds: number
  /** One letter, the same for all events of this load. */
  readonly group: string
  /** The number of the first event. */
  readonly first: number
  /** Only events of this partner. @default all */
  readonly partner?: string
  readonly onPublished?: (count: number) => void
}

const TICK_MS = 20

/** @returns the number after the last event's: those between that were not published are another partner's */
export async function publishSteadily(
  publisher: v1.PublisherClient,
  load: SteadyLoad,
): Promise<{ readonly published: number; readonly next: number }> {
  const { topic, pool, rate, seconds, onPublished = () => {} } = load
  const total = Math.round(rate * seconds)
  const underWay: Promise<unknown>[] = []
  const startedAt = monotonicMs()
  let [published, next] = [0, load.first]
  while (published < total) {
    const due = Math.min(total, Math.ceil(((monotonicMs() - startedAt) / 1000) * rate))
    const messages: BenchEvent[] = []
    while (published + messages.length < due) messages.push(make(next++))
    if (messages.length > 0) underWay.push(publisher.publish({ topic, messages }))
    published += messages.length
    onPublished(published)
    await sleep(TICK_MS)
  }
  await Promise.all(underWay)
  return { published, next }

  function make(number: number): BenchEvent {
    const event = pool.make({ number, sentAt: wallClockMs(), group: load.group })
    return load.partner === undefined || event.partner === load.partner ? event : make(next++)
  }
}
