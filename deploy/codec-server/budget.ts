// What one request may cost, so that none keeps the others, or the health check, waiting.

import { setImmediate as nextTurn } from 'node:timers/promises'

/** Temporal answers a page of history in at most 4 MB, and events shrink about fivefold in a batch. */
export const MAX_UNPACKED_BYTES = 32 * 1024 * 1024

/** Twenty batches of 2,000 events take as long. */
const MAX_WORK_MS = 3_000

/** A health check waits no longer than this, and one message. */
const MAX_TURN_MS = 10

/** The request costs more than one may; the message says what to do. */
export class BudgetError extends Error {
  override readonly name = 'BudgetError'
}

export type Budget = {
  /** Bytes that may still be unpacked and written. */
  readonly bytesLeft: () => number
  /** To call with what was unpacked and written. */
  readonly spend: (bytes: number) => void
  /**
   * To call before each payload and each message: gives the event loop back where this request has had it for long.
   * @throws BudgetError where bytes or time are spent, or the caller is gone
   */
  readonly breathe: () => Promise<void>
}

/** @param isGone whether the caller waits no more */
export function createBudget(isGone: () => boolean, limitMs = MAX_WORK_MS): Budget {
  const started = performance.now()
  let turnStarted = started
  let left = MAX_UNPACKED_BYTES
  return {
    bytesLeft: () => Math.max(0, left),
    spend: (bytes) => {
      left -= bytes
    },
    breathe: async () => {
      if (performance.now() - turnStarted > MAX_TURN_MS) {
        await nextTurn()
        turnStarted = performance.now()
      }
      if (isGone()) throw new BudgetError('The caller waits no more.')
      if (left <= 0) throw new BudgetError(TOO_LARGE)
      if (performance.now() - started > limitMs) throw new BudgetError(TOO_LONG)
    },
  }
}

const TOO_LARGE = `The payloads of this request unpack to more than ${MAX_UNPACKED_BYTES} bytes: ask for fewer.`
const TOO_LONG = `The payloads of this request take more than ${MAX_WORK_MS / 1000} seconds: ask for fewer.`
