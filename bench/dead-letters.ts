// What dead letters cost those who have nothing to do with them: a partner that sends nothing but invalid events, and a redrive beside live traffic.

import { DEFAULT_RATE } from '#operations/dead-letters/run-all'
import { wallClock } from '#runtime/clock'
import { groupBy } from '#runtime/group-by'
import { type Live, startLive } from './live.ts'
import { createEventPool, type EventPool } from './load/events.ts'
import { CORRECTION, createInvalidPool, createStrangersPool } from './load/invalid-events.ts'
import { countBatches, eventsOf, type OpenLetter, openLetters } from './open-letters.ts'
import { openRedrivable, type Redrivable } from './redrive.ts'
import type { Rig } from './rig.ts'
import {
  FLOODING,
  type Load,
  latencies,
  PARTNERS,
  type SendOptions,
  type Sent,
  send,
  WARM_UP,
} from './send.ts'
import { ratio, type Spread } from './statistics.ts'

/** Latencies are milliseconds from publish to staged, of events that keep the contract. */
export type DeadLetters = {
  /** Events a second of those who send what they should, the same in all runs. */
  readonly liveRate: number
  /** With nothing beside them. */
  readonly usual: Spread
  readonly invalidFlood: InvalidFlood
  /** One burst of events, each of a partner of its own; absent in older results. */
  readonly strangers?: InvalidFlood
  readonly redrive: Redrive
}

export type InvalidFlood = {
  /** Invalid events a second: ten times what each of the others sends. */
  readonly rate: number
  readonly live: Spread
  /** Of `live`'s p99 over that with nothing beside it. */
  readonly ratio: number
  readonly published: number
  readonly invalid: number
  /** Different events in the audit log: all that were published. */
  readonly audited: number
  /** Different events in `streaming.dead_letter`: all that are invalid. */
  readonly deadLettered: number
  /** Events in the dead letters of Temporal. */
  readonly held: number
  readonly batches: number
  readonly letters: number
  /** Dead letters of one batch and partner; of `strangers`, of one batch. */
  readonly mostPerBatch: number
}

export type Redrive = {
  /** Events a second, as the command has it by default. */
  readonly rate: number
  readonly live: Spread
  readonly ratio: number
  readonly letters: number
  readonly events: number
  /** What the command took, its start included. */
  readonly seconds: number
}

const TOPIC = 'dead-letters'
const LIVE_RATE = 1_000
const FLOOD_RATE = (LIVE_RATE / PARTNERS) * 10

const GROUP = { live: 'l', invalid: 'i', redriven: 'r' } as const satisfies Readonly<
  Record<string, string>
>

/** Invalid events of as many partners, in one burst. */
const STRANGERS = 5_000

/** The redrive outlasts the load: the last dead letter it starts is of so many seconds of events at most. */
const SPARE_SECONDS = 4

export type Bench = {
  readonly rig: Pick<Rig, 'sinks' | 'temporal'>
  /** Sends live traffic, and what is beside it. */
  readonly run: (others: readonly Load[], options: SendOptions) => Promise<Sent>
}

/** @param rig with a Pub/Sub */
export async function measureDeadLetters(rig: Rig, seconds: number): Promise<DeadLetters> {
  const pool = createInvalidPool(FLOODING)
  const events = DEFAULT_RATE * (WARM_UP.seconds + seconds + SPARE_SECONDS)
  const beforehand = { topic: TOPIC, pool, events, rate: FLOOD_RATE, group: GROUP.redriven }
  const redrivable = await openRedrivable(rig, beforehand)
  try {
    const bench = { rig, run: runner(rig, await startLive(rig, TOPIC), seconds) }
    await bench.run([], { what: 'dead letters: as usual' })
    const usual = await latencies(rig, 'staging', GROUP.live)
    return {
      liveRate: LIVE_RATE,
      usual,
      invalidFlood: await measureFlood(bench, floodOfOne(pool, seconds), usual),
      strangers: await measureFlood(bench, floodOfStrangers(), usual),
      redrive: await measureRedrive(bench, redrivable, usual),
    }
  } finally {
    await redrivable.stop()
  }
}

function runner(rig: Rig, live: Live, seconds: number): Bench['run'] {
  const usual = { pool: createEventPool(PARTNERS), rate: LIVE_RATE, seconds, group: GROUP.live }
  return (others, options) => send({ rig, live }, [usual, ...others], options)
}

type InvalidLoad = {
  readonly load: Load
  readonly what: string
  /** Which dead letters are to be few. */
  readonly keyOf: (letter: OpenLetter) => string
}

export const floodOfOne = (pool: EventPool, seconds: number): InvalidLoad => ({
  load: { pool, rate: FLOOD_RATE, seconds, group: GROUP.invalid, isInvalid: true },
  what: 'dead letters: one sends only invalid events',
  keyOf: ({ batchId, partnerId }) => JSON.stringify([batchId, partnerId]),
})

export const floodOfStrangers = (pool = createStrangersPool()): InvalidLoad => ({
  load: {
    pool,
    rate: FLOOD_RATE,
    seconds: STRANGERS / FLOOD_RATE,
    group: GROUP.invalid,
    isInvalid: true,
    isCold: true,
  },
  what: 'dead letters: invalid events, each of a partner of its own',
  keyOf: ({ batchId }) => batchId,
})

export async function measureFlood(
  { rig, run }: Bench,
  { load, what, keyOf }: InvalidLoad,
  usual: Spread,
): Promise<InvalidFlood> {
  const since = { taskQueue: TOPIC, since: wallClock() }
  const { valid, invalid } = await run([load], { what })
  const live = await latencies(rig, 'staging', GROUP.live)
  const { audit_log, dead_letter } = await rig.sinks.counts()
  const letters = await openLetters(rig, { ...since, events: invalid })
  const together = groupBy(letters, keyOf)
  return {
    rate: load.rate,
    live,
    ratio: ratio(live.p99, usual.p99),
    published: valid + invalid,
    invalid,
    audited: audit_log.distinct,
    deadLettered: dead_letter.distinct,
    held: eventsOf(letters),
    batches: await countBatches(rig, since),
    letters: letters.length,
    mostPerBatch: Math.max(...[...together.values()].map((own) => own.length)),
  }
}

export async function measureRedrive(
  { rig, run }: Bench,
  { letters, redrive }: Pick<Redrivable, 'letters' | 'redrive'>,
  usual: Spread,
): Promise<Redrive> {
  const events = eventsOf(letters)
  let seconds = 0
  const work = async () => {
    seconds = await redrive(CORRECTION)
  }
  await run([], { what: 'dead letters: a redrive', beside: { events, work } })
  const live = await latencies(rig, 'staging', GROUP.live)
  return {
    rate: DEFAULT_RATE,
    live,
    ratio: ratio(live.p99, usual.p99),
    letters: letters.length,
    events,
    seconds: Math.round(seconds),
  }
}
