// Lets calls fail at once while a service is unavailable, so that they hold no slot of the worker meanwhile.

export type BreakerOptions = {
  /** A call that takes longer counts as failed for those that follow. */
  readonly slowMs: number
  /** Milliseconds without a call after one that failed. After that one call is made, and the others still fail until it has succeeded. */
  readonly restMs: number
  /** Milliseconds of a clock that only goes forward. */
  readonly now: () => number
}

/** @throws the error of the call, or while the breaker is open that of the call that has opened it */
export type Breaker = <T>(call: () => Promise<T>) => Promise<T>

/** @param slow the error for calls that are not made because an earlier one does not end */
export function createBreaker({ slowMs, restMs, now }: BreakerOptions, slow: Error): Breaker {
  let failed: { readonly error: unknown } | null = null
  let nextCallAt = 0
  const open = (error: unknown) => {
    failed = { error }
    nextCallAt = now() + restMs
  }
  return async (call) => {
    if (failed !== null && now() < nextCallAt) throw failed.error
    if (failed !== null) open(failed.error)
    const timer = setTimeout(open, slowMs, slow)
    try {
      const result = await call()
      failed = null
      return result
    } catch (error) {
      open(error)
      throw error
    } finally {
      clearTimeout(timer)
    }
  }
}
