// Notices a thread whose event loop does not turn any more.

const TICK_MS = 250

/**
 * An honest batch of 2,000 events holds the loop for a tenth of a second. A thread is stuck once this many ticks
 * passed without a beat; ticks are counted, so that a process that was frozen is not taken for stuck.
 */
const STUCK_TICKS = 6

/** CPU that the process has used meanwhile: a machine that is too busy to run the thread is not its fault. */
const STUCK_CPU_MS = 1_000

/** A thread that waits without using CPU is stuck after this many ticks. */
const BLOCKED_TICKS = 40

const cpuMs = () => {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}

/**
 * @param beat grows while the loop turns
 * @param onStuck is called once, 1.5 to 2 seconds after the loop stopped turning
 * @returns ends the watch
 */
export function watchLoop(beat: () => number, onStuck: () => void): () => void {
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
