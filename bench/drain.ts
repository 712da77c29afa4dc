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
  /** False where nothing runs that takes the cancellations which are handed over. @default true */
  readonly takesWaiting?: boolean
  readonly onProgress?: (done: number) => void
}

const POLL_MS = 50
const STALLED_AFTER_MS = 60_000

/**
 * From the moment the subscription is full to the last row and call; the acknowledgements follow within a request.
 * @throws Error where nothing has moved for a minute, or Segment has an event whose request was not recorded before it
 */
export async function drain(
  { sinks, subscriptions }: Pick<Rig, 'sinks' | 'subscriptions'>,
  { subscription, events, takesWaiting = true, onProgress = () => {} }: DrainOptions,
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
    const done = Math.min(acknowledged, arrived(counts, takesWaiting))
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

/**
 * Different events of which everything is written and sent. Of a cancellation that is no call, because its purchase is unknown to
 * the sinks: it is staged, and handed over to `activateLater`, which records that it waits.
 * @param takesWaiting false where nothing runs that takes what is handed over: no record is expected of it
 */
export function arrived(counts: Counts, takesWaiting = true): number {
  const { audit_log, staging, staged_cancellation, segment, activation_log } = counts
  const cancellations = staged_cancellation.distinct
  return Math.min(
    audit_log.distinct,
    staging.distinct,
    cancellations + segment.distinct,
    activation_log.distinct + (takesWaiting ? 0 : cancellations),
  )
}

function figures(counts: Counts, events: number, startedAt: number): Drained {
  const unrecorded = counts.segment.distinct - counts.activation_sending.distinct
  if (unrecorded > 0) throw new Error(`${unrecorded} calls were sent without a record before it`)
  const lastAt = Math.max(...Object.values(counts).map((count) => count.lastAt))
  const seconds = (lastAt - startedAt) / 1000
  return { eventsPerSecond: events / seconds, seconds, counts }
}
