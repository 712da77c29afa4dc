// What a Segment that fails costs staging: latency to staged with one request in ten failed, over that without, in alternating runs.

import { startLive } from './live.ts'
import { createEventPool, type EventPool } from './load/events.ts'
import type { Rig } from './rig.ts'
import { latencies, PARTNERS, type Running, send } from './send.ts'
import { median, ratio, type Spread } from './statistics.ts'

/** Spreads are milliseconds from publish to staged, one a run. */
export type SegmentFaults = {
  /** Events a second. */
  readonly rate: number
  /** Requests to Segment of which one is answered 500 and one 429. */
  readonly every: number
  readonly without: readonly Spread[]
  readonly withFaults: readonly Spread[]
  /** Requests that were answered with a fault, in all runs together. */
  readonly faults: number
  /** The median of the runs' p99 with faults over that without. */
  readonly ratio: number
}

const TOPIC = 'segment-faults'
const RATE = 500
const EVERY = 20
const GROUP = 'u'

/** After a 429 the governor raises the rate of activation by steps of half a minute. */
const ARRIVE_WITHIN_MS = 300_000

/** @param rig with a Pub/Sub */
export const measureSegmentFaults = async (rig: Rig, rounds: Rounds): Promise<SegmentFaults> =>
  measureFaults({ rig, live: await startLive(rig, TOPIC) }, rounds)

type Rounds = { readonly rounds: number; readonly seconds: number }

export async function measureFaults(
  { rig, live }: Running,
  { rounds, seconds }: Rounds,
  pool: EventPool = createEventPool(PARTNERS),
): Promise<SegmentFaults> {
  const run = async (every: number) => {
    await rig.sinks.failSegment(every)
    const what = `segment faults: ${every === 0 ? 'without' : 'with'}`
    await send({ rig, live }, [{ pool, rate: RATE, seconds, group: GROUP }], {
      what,
      arriveWithinMs: ARRIVE_WITHIN_MS,
    })
    return latencies(rig, 'staging', GROUP)
  }
  const without: Spread[] = []
  const withFaults: Spread[] = []
  for (let round = 0; round < rounds; round += 1) {
    without.push(await run(0))
    withFaults.push(await run(EVERY))
  }
  const faults = await rig.sinks.failSegment(0)
  return {
    rate: RATE,
    every: EVERY,
    without,
    withFaults,
    faults,
    ratio: ratio(medianP99(withFaults), medianP99(without)),
  }
}

const medianP99 = (runs: readonly Spread[]) => median(runs.map(({ p99 }) => p99))
