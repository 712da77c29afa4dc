// Keeps a process running: starts it again, after a short back-off, whenever it ends unasked.

import { setTimeout as sleep } from 'node:timers/promises'
import { monotonicMs } from '#runtime/clock'
import { describe, type ProcessSpec, type RunningProcess, startProcess } from './process.ts'

/** One unasked end: how it ended and when the next start is due. */
export type Restart = {
  readonly name: string
  /** How often it was started again so far, this time included. */
  readonly count: number
  readonly reason: string
  readonly inMs: number
}

/** A process under supervision; `current` changes at each restart. */
export type Supervised = {
  readonly current: () => RunningProcess
  readonly restarts: () => number
  /** Ends the supervision and the process; resolves once both are over. */
  readonly stop: (graceMs?: number) => Promise<void>
}

const FIRST_BACKOFF_MS = 200
const LONGEST_BACKOFF_MS = 5_000
// A process that ran this long was well: its next end starts the back-off from the beginning.
const HEALTHY_AFTER_MS = 30_000

/**
 * Starts a process and starts it again each time it ends, until stopped.
 * @param onRestart told before each wait; must not throw.
 * @throws when the first start fails, as `startProcess` does; later failures count as one more end.
 */
export async function supervise(
  spec: ProcessSpec,
  onRestart: (restart: Restart) => void = () => {},
): Promise<Supervised> {
  const stopping = new AbortController()
  let current = await startProcess(spec)
  let startedAt = monotonicMs()
  let count = 0
  let failuresInARow = 0

  const waitAndRestart = async (reason: string): Promise<void> => {
    if (monotonicMs() - startedAt > HEALTHY_AFTER_MS) failuresInARow = 0
    const inMs = Math.min(FIRST_BACKOFF_MS * 2 ** failuresInARow++, LONGEST_BACKOFF_MS)
    onRestart({ name: spec.name, count: ++count, reason, inMs })
    await sleep(inMs, undefined, { signal: stopping.signal }).catch(() => {})
    if (stopping.signal.aborted) return
    startedAt = monotonicMs()
    current = await startProcess({ ...spec, keepLog: true })
    if (stopping.signal.aborted) await current.stop()
  }
  const watch = async (): Promise<void> => {
    let reason = describe(await current.exited)
    while (!stopping.signal.aborted) {
      reason = await waitAndRestart(reason)
        .then(async () => describe(await current.exited))
        .catch((error: Error) => error.message)
    }
  }
  const watching = watch()

  return {
    current: () => current,
    restarts: () => count,
    stop: async (graceMs) => {
      stopping.abort()
      await current.stop(graceMs)
      await watching
    },
  }
}
