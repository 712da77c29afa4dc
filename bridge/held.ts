// The deliveries that the bridge has pulled and neither acknowledged nor left to Pub/Sub yet, by their oldest ones.

import { wallClockMs } from '#runtime/clock'
import type { Delivery } from './source.ts'

export type Held = {
  /** @param pulled the answer of one pull, whose deliveries are released together */
  hold(pulled: readonly Delivery[]): void
  release(done: readonly Delivery[]): void
  /** The age of the oldest message by its publish time, in seconds; 0 where there is none. */
  oldestSeconds(): number
}

/** A message that is replayed waits since the replay, whenever it was published first. */
const waitsSince = ({ message }: Delivery) => message.redrivenAt ?? message.publishTime

/** All publish times of the bridge have the same format, so that they can be compared as text. */
const older = (one: Delivery, other: Delivery) =>
  waitsSince(other) < waitsSince(one) ? other : one

/** Remembers the oldest delivery of each pull only. */
export function createHeld(): Held {
  const oldest = new Set<Delivery>()
  return {
    hold: (pulled) => {
      if (pulled.length > 0) oldest.add(pulled.reduce(older))
    },
    release: (done) => {
      for (const delivery of done) oldest.delete(delivery)
    },
    oldestSeconds: () => {
      if (oldest.size === 0) return 0
      const since = waitsSince([...oldest].reduce(older))
      return Math.max(0, wallClockMs() - Date.parse(since)) / 1000
    },
  }
}
