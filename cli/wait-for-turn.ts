// Waits, within a bound, until something that others use at the moment is free.

import { setTimeout as sleep } from 'node:timers/promises'

/** Why it cannot be had yet: a sentence that names who has it. */
export type Busy = { readonly busy: string }

const WITHIN_MS = 30_000
const EVERY_MS = 200

/** It was not free within the bound. */
export class StillBusyError extends Error {
  override readonly name = 'StillBusyError'
}

/**
 * Calls `look` every 200 ms until it finds what it looks for. Each reason for waiting is told once.
 * @param tell writes a sentence for a person
 * @param withinMs milliseconds @default 30 s
 * @throws StillBusyError with the last reason, when the time is over
 * @throws whatever `look` throws
 */
export async function waitForTurn<Found extends object>(
  look: () => Promise<Found | Busy>,
  tell: (sentence: string) => void,
  withinMs = WITHIN_MS,
): Promise<Found> {
  const giveUpAt = Date.now() + withinMs
  const told = new Set<string>()
  for (;;) {
    const found = await look()
    if (!('busy' in found)) return found
    if (Date.now() >= giveUpAt) throw stillBusy(found, withinMs)
    if (!told.has(found.busy)) tell(`${found.busy} Waiting for at most ${seconds(withinMs)}.`)
    told.add(found.busy)
    await sleep(EVERY_MS)
  }
}

const stillBusy = ({ busy }: Busy, withinMs: number) =>
  new StillBusyError(`${busy} It is still so after ${seconds(withinMs)}: try again later.`)

const seconds = (ms: number) => `${ms / 1000} s`
