// Counts what reaches a sink: rows, the different events among them, and how long each was on its way.

import { wallClockMs } from '#runtime/clock'
import { MARKER_PREFIX, readMarker } from './marker.ts'

export const sinkNames = [
  'audit_log',
  'staging',
  'staged_cancellation',
  'activation_log',
  'activation_sending',
  'order_query',
  'segment',
  'batch_ledger',
  'batch_receipt',
  'dead_letter',
  'dead_letter_log',
] as const

export type SinkName = (typeof sinkNames)[number]

const SINKS_OF_TABLE: Readonly<Record<string, readonly SinkName[]>> = {
  audit_log: ['audit_log'],
  staging_purchase: ['staging'],
  // No call is sent for a cancellation whose purchase is unknown: how many there are says how many calls must come.
  staging_cancellation: ['staging', 'staged_cancellation'],
  activation_log: ['activation_log'],
  batch_ledger: ['batch_ledger'],
  batch_receipt: ['batch_receipt'],
  dead_letter: ['dead_letter'],
  dead_letter_log: ['dead_letter_log'],
}

/**
 * The sinks that count these rows of a table; none for a table that no benchmark writes to. A row which says that a request to
 * Segment is under way is no outcome, and is counted apart; no request or append has both kinds.
 */
export function sinksOf(table: string, rows: Buffer): readonly SinkName[] {
  const sinks = SINKS_OF_TABLE[table] ?? []
  return table === 'activation_log' && rows.includes('sending') ? ['activation_sending'] : sinks
}

export type SinkCount = {
  readonly rows: number
  /** Different event numbers below the expected count; equal to it when every event has arrived. */
  readonly distinct: number
  readonly bytes: number
  /** Milliseconds since the epoch; 0 where nothing came. */
  readonly lastAt: number
}

export type Tally = {
  /** Forgets everything and expects events numbered from 0. */
  reset(expected: number): void
  /** Counts every JSON text that begins with a marker as a row. A call has its order also behind its partner, as another text. */
  addMarked(sink: SinkName, json: Buffer): void
  /** Counts one row, with the event whose marker is the first in it, if any. */
  addRow(sink: SinkName, row: Buffer): void
  counts(): Partial<Record<SinkName, SinkCount>>
  /** Milliseconds from sending to arrival, by group, in order of arrival. */
  latencies(sink: SinkName): Readonly<Record<string, readonly number[]>>
}

type State = {
  rows: number
  distinct: number
  bytes: number
  lastAt: number
  readonly seen: Uint8Array
  readonly latencies: Map<string, number[]>
}

export function createTally(): Tally {
  let expected = 0
  const sinks = new Map<SinkName, State>()
  const stateOf = (sink: SinkName) => {
    const state = sinks.get(sink) ?? newState(expected)
    sinks.set(sink, state)
    return state
  }
  return {
    reset: (count) => {
      expected = count
      sinks.clear()
    },
    addMarked: (sink, json) => {
      const state = stateOf(sink)
      state.lastAt = wallClockMs()
      state.bytes += json.length
      let at = json.indexOf(MARKED_TEXT)
      while (at >= 0) {
        addEvent(state, json, at + 1)
        at = json.indexOf(MARKED_TEXT, at + 1)
      }
    },
    addRow: (sink, row) => {
      const state = stateOf(sink)
      state.lastAt = wallClockMs()
      state.bytes += row.length
      const at = row.indexOf(MARKER_PREFIX)
      if (at >= 0) addEvent(state, row, at)
      else state.rows++
    },
    counts: () =>
      Object.fromEntries(
        [...sinks].map(([sink, { rows, distinct, bytes, lastAt }]) => [
          sink,
          { rows, distinct, bytes, lastAt },
        ]),
      ),
    latencies: (sink) => Object.fromEntries(stateOf(sink).latencies),
  }
}

const MARKED_TEXT = `"${MARKER_PREFIX}`

const newState = (expected: number): State => ({
  rows: 0,
  distinct: 0,
  bytes: 0,
  lastAt: 0,
  seen: new Uint8Array(expected),
  latencies: new Map(),
})

function addEvent(state: State, bytes: Buffer, at: number): void {
  const { number, sentAt, group } = readMarker(bytes, at)
  state.rows++
  if (state.seen[number] === 0) {
    state.seen[number] = 1
    state.distinct++
  }
  if (sentAt === 0) return
  const latencies = state.latencies.get(group) ?? []
  latencies.push(state.lastAt - sentAt)
  state.latencies.set(group, latencies)
}
