// A token bucket: how long to wait, so that no more is done than so much a second on average. By the monotonic clock.

export type PaceOptions = {
  readonly perSecond: number
  /** What may be done at once after a quiet while. */
  readonly burst: number
  /** Longer than this nothing waits: what comes faster for longer goes as fast as it comes. */
  readonly maxWaitSeconds: number
}

export type Pace = {
  /** Takes `amount` out of the bucket. @returns the seconds to wait before it is due; 0 where it is due now */
  take(amount: number): number
}

/** @param now milliseconds of a clock that only goes forward */
export function createPace(
  { perSecond, burst, maxWaitSeconds }: PaceOptions,
  now: () => number = () => performance.now(),
): Pace {
  const burstMs = (burst / perSecond) * 1000
  const maxWaitMs = maxWaitSeconds * 1000
  let due = now() - burstMs
  return {
    take: (amount) => {
      const time = now()
      due = Math.max(due, time - burstMs)
      const waitMs = Math.max(0, due - time)
      due = Math.min(due + (amount / perSecond) * 1000, time + maxWaitMs)
      return waitMs / 1000
    },
  }
}
