// One run over a full subscription: fills it, and waits until every event is at every sink and acknowledged.

import { setTimeout as sleep } from 'node:timers/promises'
import { monotonicMs, wallClockMs } from '#runtime/clock'
import type { Rig } from './rig.ts'
import type { Counts } from './sinks-client.ts'

export type Drained = {
  readonly eventsPerSecond: number
  readonly seconds: number
  readonly counts: Counts
}

export type DrainOptions = {
  readonly subscription: string
  readonly events: number
  readonly onProgress?: (done: number) => void
}

const POLL_MS = 50
const STALLED_AFTER_MS = 60_000

/**
 * From the moment the subscription is full to the last row and call; the acknowledgements follow within a request.
 * @throws Error where nothing has moved for a minute
 */
export async function drain(
  { sinks, subscriptions }: Rig,
  { subscription, events, onProgress = () => {} }: DrainOptions,
): Promise<Drained> {
  await sinks.reset(events)
  // The sinks are another process: the two have only the wall clock in common.
  const startedAt = wallClockMs()
  await subscriptions.fill(subscription, events)
  let moved = { done: -1, at: monotonicMs() }
  for (;;) {
    const [counts, { acknowledged }] = await Promise.all([
      sinks.counts(),
      subscriptions.state(subscription),
    ])
    const done = Math.min(acknowledged, arrived(counts))
    onProgress(done)
    if (done >= events) return figures(counts, events, startedAt)
    if (done > moved.done) moved = { done, at: monotonicMs() }
    if (monotonicMs() - moved.at > STALLED_AFTER_MS)
      throw new Error(
        `${subscription} stands still: ${JSON.stringify({ acknowledged, ...counts })}`,
      )
    await sleep(POLL_MS)
  }
}

/** Different events that are at every sink of events. */
export function arrived(counts: Counts): number {
  const { audit_log, staging, segment, activation_log } = counts
  return Math.min(...[audit_log, staging, segment, activation_log].map(({ distinct }) => distinct))
}

function figures(counts: Counts, events: number, startedAt: number): Drained {
  const lastAt = Math.max(...Object.values(counts).map((count) => count.lastAt))
  const seconds = (lastAt - startedAt) / 1000
  return { eventsPerSecond: events / seconds, seconds, counts }
}
