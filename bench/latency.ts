// Latency at steady rates, through Google's Pub/Sub fake: from publish to staged, and to accepted by Segment; and what a partner that floods does to the others.

import { startLive } from './live.ts'
import { createEventPool, type EventPool } from './load/events.ts'
import type { Rig } from './rig.ts'
import { FLOODING, type Load, latencies, PARTNERS, type Running, send } from './send.ts'
import { ratio, type Spread } from './statistics.ts'

/** Milliseconds. */
export type Latency = {
  readonly rate: number
  readonly events: number
  readonly staged: Spread
  readonly segment: Spread
  readonly eventsPerBatch: number
}

export type Fairness = {
  /** What each of the other partners sends, events a second; the partner that floods sends ten times as much. */
  readonly usualRate: number
  readonly floodRate: number
  /** Of the others, publish to staged, without the flood and with it. */
  readonly usual: Spread
  readonly flooded: Spread
  readonly flood: Spread
  /** The others' p99 with the flood over that without. */
  readonly ratio: number
}

export type LatencyBench = {
  readonly measure: (rate: number, seconds: number) => Promise<Latency>
  readonly measureFairness: (seconds: number) => Promise<Fairness>
}

const TOPIC = 'latency'
const USUAL_RATE = 200
const FLOOD = 10

const GROUP = { usual: 'u', flood: 'f' } as const satisfies Readonly<Record<string, string>>

/** @param rig with a Pub/Sub */
export const startLatencyBench = async (rig: Rig): Promise<LatencyBench> =>
  latencyBenchOf({ rig, live: await startLive(rig, TOPIC) })

/** @param createPool makes the events of so many partners */
export function latencyBenchOf(
  { rig, live }: Running,
  createPool: (partners: number) => EventPool = createEventPool,
): LatencyBench {
  const pool = createPool(PARTNERS)
  const run = (loads: readonly Load[], what: string) =>
    send({ rig, live }, loads, { what: `latency: ${what}` })
  return {
    measure: async (rate, seconds) => {
      const { measured } = await run([{ pool, rate, seconds, group: GROUP.usual }], `${rate}/s`)
      const { batch_ledger, staging } = await rig.sinks.counts()
      return {
        rate,
        events: measured,
        staged: await latencies(rig, 'staging', GROUP.usual),
        segment: await latencies(rig, 'segment', GROUP.usual),
        eventsPerBatch: Math.round(staging.distinct / batch_ledger.rows),
      }
    },
    measureFairness: async (seconds) => {
      const others = { pool, rate: USUAL_RATE * PARTNERS, seconds, group: GROUP.usual }
      await run([others], 'fairness: as usual')
      const usual = await latencies(rig, 'staging', GROUP.usual)
      const floodRate = USUAL_RATE * FLOOD
      const one = {
        pool: createPool(PARTNERS + 1),
        rate: floodRate,
        seconds,
        group: GROUP.flood,
        partner: FLOODING,
      }
      await run([others, one], 'fairness: one floods')
      const flooded = await latencies(rig, 'staging', GROUP.usual)
      const flood = await latencies(rig, 'staging', GROUP.flood)
      const spreads = { usual, flooded, flood }
      return { usualRate: USUAL_RATE, floodRate, ...spreads, ratio: ratio(flooded.p99, usual.p99) }
    },
  }
}
