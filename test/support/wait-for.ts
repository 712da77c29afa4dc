// Waits for what must become true, never longer than a limit.

import { setTimeout as sleep } from 'node:timers/promises'

const EVERY_MS = 50

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
  for (;;) {
    const answer = await check()
    if (answer !== false && answer !== undefined && answer !== null) {
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- TypeScript does not narrow a type parameter
      return answer as Exclude<T, false | undefined | null>
    }
    if (performance.now() > end) throw new Error(`waited ${limitMs / 1000} s for ${what}`)
    await sleep(EVERY_MS)
  }
}
