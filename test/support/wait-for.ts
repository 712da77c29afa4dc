// Waits for what must become true, never longer than a limit.

import { setTimeout as sleep } from 'node:timers/promises'

/** Each look comes later than the one before: a look may cost more CPU than what it waits for. */
const FIRST_PAUSE_MS = 25
const LONGEST_PAUSE_MS = 250
const GROWTH = 1.3

/**
 * Resolves with the first answer of `check` that is neither false, undefined nor null.
 * @param what completes the sentence "waited 15 s for …"
 * @throws where that takes longer than `limitMs`
 */
export async function waitFor<T>(
  check: () => T | Promise<T>,
  what: string,
  limitMs = 20_000,
): Promise<Exclude<T, false | undefined | null>> {
  const end = performance.now() + limitMs
  for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(pauseMs * GROWTH, LONGEST_PAUSE_MS)) {
    const answer = await check()
    if (answer !== false && answer !== undefined && answer !== null) {
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- TypeScript does not narrow a type parameter
      return answer as Exclude<T, false | undefined | null>
    }
    if (performance.now() > end) throw new Error(`waited ${limitMs / 1000} s for ${what}`)
    await sleep(pauseMs)
  }
}
