// Appends each accepted call to a file as one JSON line and counts what happened.

import { appendFileSync, closeSync, fchmodSync, mkdirSync, openSync } from 'node:fs'
import { dirname } from 'node:path'
import { wallClock } from '#runtime/clock'
import type { SegmentCall } from './judge-request.ts'

/** What the stand-in has seen since it started. */
export type Stats = {
  requests: number
  accepted: number
  /** Accepted calls whose message id had been accepted before; Segment would drop them. */
  duplicates: number
  /** Calls that a 200 hid: incomplete ones and those of too large a batch. */
  dropped: number
  /** Refused requests by status. */
  readonly refused: Record<string, number>
}

// Segment looks back for a day at least; a bound in number keeps a long load test in memory.
const REMEMBERED_IDS = 1_000_000

/** Starts with an empty file. Lines are in the file when `append` returns. */
export function createCallLog(file: string) {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
  const descriptor = openSync(file, 'w', 0o600)
  // One that was there before keeps its mode.
  fchmodSync(descriptor, 0o600)
  let isClosed = false
  const seen = new Set<unknown>()
  const stats: Stats = { requests: 0, accepted: 0, duplicates: 0, dropped: 0, refused: {} }

  const remember = (messageId: unknown): void => {
    seen.add(messageId)
    if (seen.size > REMEMBERED_IDS) seen.delete(seen.values().next().value)
  }
  const lineOf = (call: SegmentCall, receivedAt: string): string => {
    const isDuplicate = call.messageId !== undefined && seen.has(call.messageId)
    remember(call.messageId)
    if (isDuplicate) stats.duplicates++
    return `${JSON.stringify({ ...call, receivedAt, ...(isDuplicate && { duplicate: true }) })}\n`
  }

  return {
    stats,
    append: (calls: readonly SegmentCall[]): void => {
      // A delayed request may outlast the log, whose descriptor is by then another file's.
      if (isClosed) return
      const receivedAt = wallClock().toISOString()
      // Synchronous, so that two requests never mix their lines and none is answered too early.
      appendFileSync(descriptor, calls.map((call) => lineOf(call, receivedAt)).join(''))
      stats.accepted += calls.length
    },
    refuse: (status: number): void => {
      stats.refused[status] = (stats.refused[status] ?? 0) + 1
    },
    close: (): void => {
      isClosed = true
      closeSync(descriptor)
    },
  }
}
