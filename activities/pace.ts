// A token bucket on the monotonic clock: how long to wait in order to keep an average rate.

export type PaceOptions = {
  readonly perSecond: number
  /** How much may be done at once after a time without any. */
  readonly burst: number
  /** The longest wait: above the rate that would need a longer one, nothing is slowed down further. */
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
