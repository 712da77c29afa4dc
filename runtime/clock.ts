// The two clocks: the monotonic one for durations and waiting, the wall clock for timestamps.

/** Milliseconds since an arbitrary start; never steps, so a difference of two is a duration. */
export const monotonicMs = (): number => performance.now()

/** The time of day, for timestamps. An operator or NTP may step it at any time: never wait by it. */
export const wallClock = (): Date => new Date()

/** The same in milliseconds since 1970. */
export const wallClockMs = (): number => Date.now()

/**
 * A deadline for gRPC, which takes it as a time of day and compares it with the wall clock at every attempt.
 * This one moves with the wall clock when that is stepped, so that the time that is left stays the same.
 * @param milliseconds from now
 */
export const deadlineIn = (milliseconds: number): Date => new MonotonicDeadline(milliseconds)

class MonotonicDeadline extends Date {
  readonly #end: number

  constructor(milliseconds: number) {
    super()
    this.#end = monotonicMs() + milliseconds
  }

  override getTime(): number {
    return wallClockMs() + this.#end - monotonicMs()
  }

  override valueOf(): number {
    return this.getTime()
  }
}
