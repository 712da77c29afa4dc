// Sends loads at steady rates through a pipeline, waits until all of it is everywhere, and tells how long it took.

import { setTimeout as sleep } from 'node:timers/promises'
import { monotonicMs } from '#runtime/clock'
import { progressBar } from '../cli/output/progress-bar.ts'
import type { Live } from './live.ts'
import type { SteadyLoad } from './load/publish-steadily.ts'
import type { SinkName } from './load/tally.ts'
import type { Rig } from './rig.ts'
import { type Spread, spread } from './statistics.ts'

export type Load = Pick<SteadyLoad, 'pool' | 'rate' | 'seconds' | 'group' | 'partner'> & {
  /** None of its events keeps the contract. @default false */
  readonly isInvalid?: boolean
  /** It begins after the warm-up of the others. @default false */
  readonly isCold?: boolean
}

export type SendOptions = {
  /** For the progress bar. */
  readonly what: string
  /** What sends events on meanwhile. @default nothing */
  readonly beside?: Beside
  /** How long what is under way may take to arrive. @default a minute */
  readonly arriveWithinMs?: number
}

export type Beside = {
  /** The first numbers are theirs. */
  readonly events: number
  readonly work: () => Promise<unknown>
}

/** A rig, and the pipeline that runs on it. */
export type Running = {
  readonly rig: Pick<Rig, 'sinks'>
  readonly live: Pick<Live, 'publish'>
}

/** Events published: after the warm-up, and with it. */
export type Sent = { readonly measured: number; readonly valid: number; readonly invalid: number }

/** Partners whose events are sent. */
export const PARTNERS = 5

/** One more, who floods: none of its events counts as theirs. */
export const FLOODING = `dealer-${PARTNERS + 1}`

/** Left out of the figures: the first batches meet cold code. */
export const WARM_UP = { seconds: 3, group: 'w' } as const

const POLL_MS = 100

/** Everything under way has arrived long before, or is lost. */
const ARRIVE_WITHIN_MS = 60_000

/**
 * Sends the loads side by side after a warm-up, once what is beside them has begun, and waits until all of it is everywhere.
 * @throws Error where an event does not arrive
 */
export async function send(
  { rig, live }: Running,
  loads: readonly Load[],
  { what, beside = NOTHING, arriveWithinMs = ARRIVE_WITHIN_MS }: SendOptions,
): Promise<Sent> {
  const most = loads.reduce((sum, { rate, seconds }) => sum + rate * (seconds + WARM_UP.seconds), 0)
  // A load of one partner skips the numbers of the others; each load has its own range of numbers.
  const range = Math.ceil(most * PARTNERS * 2)
  await rig.sinks.reset(beside.events + range * loads.length)
  const working = beside.work()
  await Promise.race([working, begun(rig, beside)])
  const bar = progressBar(what, undefined)
  const onPublished = (count: number) => bar.update(count)
  const sent = await Promise.all(
    loads.map(async (load, i) => {
      const begin = { ...load, ...WARM_UP, first: beside.events + i * range }
      const warmUp = load.isCold ? await silence(begin) : await live.publish(begin)
      const rest = await live.publish({ ...load, first: warmUp.next, onPublished })
      const all = warmUp.published + rest.published
      const [valid, invalid] = load.isInvalid ? [0, all] : [all, 0]
      return { measured: rest.published, valid, invalid }
    }),
  )
  bar.stop()
  const sum = sent.reduce(plus)
  await Promise.all([working, everywhere(rig, sum, { ...beside, arriveWithinMs })])
  return sum
}

/** As long as a warm-up, without a message. */
async function silence({ seconds, first }: Pick<SteadyLoad, 'seconds' | 'first'>) {
  await sleep(seconds * 1000)
  return { published: 0, next: first }
}

const NOTHING: Beside = { events: 0, work: async () => {} }

async function begun({ sinks }: Running['rig'], { events }: Beside): Promise<void> {
  if (events === 0) return
  while ((await sinks.counts()).staging.rows === 0) await sleep(POLL_MS)
}

const plus = (a: Sent, b: Sent): Sent => ({
  measured: a.measured + b.measured,
  valid: a.valid + b.valid,
  invalid: a.invalid + b.invalid,
})

async function everywhere(
  { sinks }: Running['rig'],
  { valid, invalid }: Sent,
  { events: others, arriveWithinMs }: Pick<Beside, 'events'> & { readonly arriveWithinMs: number },
): Promise<void> {
  const expected = (cancellations: number): readonly (readonly [SinkName, number])[] => [
    ['audit_log', valid + invalid],
    ['staging', valid + others],
    // A cancellation waits for its purchase, which the sinks do not know.
    ['segment', valid + others - cancellations],
    ['activation_log', valid + others],
    ['dead_letter', invalid],
  ]
  const until = monotonicMs() + arriveWithinMs
  for (;;) {
    const counts = await sinks.counts()
    const missing = expected(counts.staged_cancellation.distinct)
      .map(([sink, events]) => ({ sink, events: events - counts[sink].distinct }))
      .filter(({ events }) => events > 0)
    if (missing.length === 0) return
    if (monotonicMs() > until) throw new Error(`events did not arrive: ${JSON.stringify(missing)}`)
    await sleep(POLL_MS)
  }
}

/** Milliseconds from publishing to a sink, of the events of one group. */
export async function latencies(
  { sinks }: Running['rig'],
  sink: SinkName,
  group: string,
): Promise<Spread> {
  return spread((await sinks.latencies(sink))[group] ?? [])
}
