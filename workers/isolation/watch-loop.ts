// Notices a thread whose event loop does not turn any more.

const TICK_MS = 200

/**
 * An honest batch of 2,000 events holds the loop for a tenth of a second. A thread is stuck once this many ticks
 * passed without a beat; ticks are counted, so that a process that was frozen is not taken for stuck.
 */
const STUCK_TICKS = 5

/** How long the loop has then not turned. */
export const STUCK_AFTER_MS = STUCK_TICKS * TICK_MS

/** CPU that the thread has used meanwhile: a machine that is too busy to run it is not its fault. */
const STUCK_CPU_MS = 800

/** A thread that waits without using CPU is stuck after this many ticks. */
const BLOCKED_TICKS = 50

export type Watched = {
  /** Grows while the loop turns. */
  readonly beat: () => number
  /** What the thread has used so far. */
  readonly cpuMs: () => number
  /** Is called once, a second after the loop stopped turning. */
  readonly onStuck: () => void
}

/** @returns ends the watch */
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
