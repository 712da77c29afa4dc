// Latency at steady rates, through Google's Pub/Sub fake: from publish to staged, and to accepted by Segment; and what a partner that floods does to the others.

import { setTimeout as sleep } from 'node:timers/promises'
import type { v1 } from '@google-cloud/pubsub'
import { createPublisher, topicPath } from '#runtime/pubsub'
import { progressBar } from '../cli/output/progress-bar.ts'
import { setUpPubSub } from '../cli/setup/pubsub.ts'
import { startPipeline } from './contenders/pipeline.ts'
import { createEventPool, type EventPool } from './load/events.ts'
import { publishSteadily, type SteadyLoad } from './load/publish-steadily.ts'
import type { SinkName } from './load/tally.ts'
import type { Rig } from './rig.ts'
import { type Spread, spread } from './statistics.ts'

/** Milliseconds. */
export type Latency = {
  readonly rate: number
  readonly events: number
  readonly staged: Spread
  readonly segment: Spread
  readonly eventsPerBatch: number
}

export type Fairness = {
  /** What a partner usually sends, events a second; the flood is ten times as much, on top. */
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

const PARTNERS = 5
const RETRY = 'retry'
const RETRIES = { PUBSUB_RETRY_SUBSCRIPTION: RETRY }
const TOPIC = 'latency'
const USUAL_RATE = 200
const FLOOD = 10

/** Left out of the figures: the first batches meet cold code. */
const WARM_UP_SECONDS = 3

/** Everything under way has arrived long before, or is lost. */
const ARRIVE_WITHIN_MS = 60_000

type Group = { readonly usual: 'u'; readonly flood: 'f'; readonly warmUp: 'w' }
const GROUP: Group = { usual: 'u', flood: 'f', warmUp: 'w' }

type Load = Omit<SteadyLoad, 'topic' | 'first'>

/** @param rig with a Pub/Sub */
export async function startLatencyBench(rig: Rig): Promise<LatencyBench> {
  const { PUBSUB_EMULATOR_HOST } = rig.env
  const address = { GOOGLE_CLOUD_PROJECT: 'local', PUBSUB_EMULATOR_HOST }
  await setUpPubSub(address, [
    { topic: TOPIC, subscriptions: [TOPIC] },
    { topic: RETRY, subscriptions: [RETRY] },
  ])
  await startPipeline(rig, { subscription: TOPIC, workers: 1, env: RETRIES })
  const publisher = createPublisher(address)
  const pool = createEventPool(PARTNERS)
  const run = (loads: readonly Load[], what: string) => send({ rig, publisher, pool }, loads, what)
  return {
    measure: async (rate, seconds) => {
      const events = await run([{ rate, seconds, group: GROUP.usual }], `${rate}/s`)
      const { batch_ledger, staging } = await rig.sinks.counts()
      return {
        rate,
        events,
        staged: await latencies(rig, 'staging', GROUP.usual),
        segment: await latencies(rig, 'segment', GROUP.usual),
        eventsPerBatch: Math.round(staging.distinct / batch_ledger.rows),
      }
    },
    measureFairness: async (seconds) => {
      const others = { rate: USUAL_RATE * PARTNERS, seconds, group: GROUP.usual }
      await run([others], 'fairness: as usual')
      const usual = await latencies(rig, 'staging', GROUP.usual)
      const { partner } = pool.make({ number: 0, sentAt: 0, group: GROUP.flood })
      const floodRate = USUAL_RATE * FLOOD
      await run(
        [others, { rate: floodRate, seconds, group: GROUP.flood, partner }],
        'fairness: one floods',
      )
      const flooded = await latencies(rig, 'staging', GROUP.usual)
      const flood = await latencies(rig, 'staging', GROUP.flood)
      const ratio = Math.round((flooded.p99 / usual.p99) * 100) / 100
      return { usualRate: USUAL_RATE, floodRate, usual, flooded, flood, ratio }
    },
  }
}

/** Sends the loads side by side after a warm-up, and waits until all of it is everywhere. */
async function send(
  to: { readonly rig: Rig; readonly publisher: v1.PublisherClient; readonly pool: EventPool },
  loads: readonly Load[],
  what: string,
): Promise<number> {
  const topic = topicPath('local', TOPIC)
  const most = loads.reduce((sum, { rate, seconds }) => sum + rate * (seconds + WARM_UP_SECONDS), 0)
  // A load of one partner skips the numbers of the others; each load has its own range of numbers.
  const range = Math.ceil(most * PARTNERS * 2)
  await to.rig.sinks.reset(range * loads.length)
  const bar = progressBar(`latency: ${what}`, undefined)
  const sent = await Promise.all(
    loads.map(async (load, i) => {
      const warmUp = { ...load, seconds: WARM_UP_SECONDS, group: GROUP.warmUp }
      const first = await publishSteadily(to.publisher, to.pool, {
        ...warmUp,
        topic,
        first: i * range,
      })
      const rest = {
        ...load,
        topic,
        first: first.next,
        onPublished: (count: number) => bar.update(count),
      }
      const { published } = await publishSteadily(to.publisher, to.pool, rest)
      return { all: first.published + published, measured: published }
    }),
  )
  bar.stop()
  const all = sent.reduce((sum, load) => sum + load.all, 0)
  await everywhere(to.rig, all)
  return sent.reduce((sum, load) => sum + load.measured, 0)
}

async function everywhere({ sinks }: Rig, events: number): Promise<void> {
  const until = Date.now() + ARRIVE_WITHIN_MS
  for (;;) {
    const { staging, segment, activation_log } = await sinks.counts()
    const there = Math.min(staging.distinct, segment.distinct, activation_log.distinct)
    if (there === events) return
    if (Date.now() > until) throw new Error(`${events - there} of ${events} events did not arrive`)
    await sleep(100)
  }
}

async function latencies({ sinks }: Rig, sink: SinkName, group: string): Promise<Spread> {
  return spread((await sinks.latencies(sink))[group] ?? [])
}
