// Notices a thread whose event loop is blocked.

const TICK_MS = 200

/**
 * A usual batch of 2,000 events blocks the loop for a tenth of a second. A thread is stuck once this many ticks have passed
 * without a beat. Ticks are counted, so that a process that was suspended does not count as stuck.
 */
const STUCK_TICKS = 5

/** How long the loop is blocked by then. */
export const STUCK_AFTER_MS = STUCK_TICKS * TICK_MS

/** The CPU that a stuck thread has used at least in that time: a thread with less may only be waiting for a busy machine. */
const STUCK_CPU_MS = 800

/** A thread that waits without using CPU is stuck after this many ticks. */
const BLOCKED_TICKS = 50

export type Watched = {
  /** A number that grows while the loop is not blocked. */
  readonly beat: () => number
  /** Milliseconds of CPU that the thread has used so far. */
  readonly cpuMs: () => number
  /** Is called once, a second after the loop was blocked. */
  readonly onStuck: () => void
}

/** @returns a function that ends the watch */
export function watchLoop({ beat, cpuMs, onStuck }: Watched): () => void {
  let last = { beat: beat(), ticks: 0, cpu: cpuMs() }
  const timer = setInterval(() => {
    if (beat() !== last.beat) {
      last = { beat: beat(), ticks: 0, cpu: cpuMs() }
      return
    }
    last.ticks += 1
    const isSpinning = last.ticks >= STUCK_TICKS && cpuMs() - last.cpu >= STUCK_CPU_MS
    if (!isSpinning && last.ticks < BLOCKED_TICKS) return
    clearInterval(timer)
    onStuck()
  }, TICK_MS)
  return () => clearInterval(timer)
}
