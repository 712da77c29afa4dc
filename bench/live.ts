// A pipeline under load at steady rates, through Google's Pub/Sub fake: one bridge, one worker, and a topic of its own.

import { setTimeout as sleep } from 'node:timers/promises'
import { createPublisher, topicPath } from '#runtime/pubsub'
import { progressBar } from '../cli/output/progress-bar.ts'
import { setUpPubSub } from '../cli/setup/pubsub.ts'
import { type PipelineProcesses, startPipeline } from './contenders/pipeline.ts'
import { publishSteadily, type SteadyLoad } from './load/publish-steadily.ts'
import type { SinkName } from './load/tally.ts'
import type { Rig } from './rig.ts'
import { type Spread, spread } from './statistics.ts'

export type Live = PipelineProcesses & {
  /** Publishes to its topic. */
  publish(load: Omit<SteadyLoad, 'topic'>): ReturnType<typeof publishSteadily>
}

/** Partners whose events are sent. */
export const PARTNERS = 5

const PROJECT = 'local'
const RETRY = 'retry'

/**
 * @param rig with a Pub/Sub
 * @param topic also the name of its subscription and of its task queue
 */
export async function startLive(rig: Rig, topic: string): Promise<Live> {
  const { PUBSUB_EMULATOR_HOST } = rig.env
  const address = { GOOGLE_CLOUD_PROJECT: PROJECT, PUBSUB_EMULATOR_HOST }
  await setUpPubSub(address, [
    { topic, subscriptions: [topic] },
    { topic: RETRY, subscriptions: [RETRY] },
  ])
  const env = { PUBSUB_RETRY_SUBSCRIPTION: RETRY }
  const processes = await startPipeline(rig, { subscription: topic, workers: 1, env })
  const publisher = createPublisher(address)
  return {
    ...processes,
    publish: (load) => publishSteadily(publisher, { ...load, topic: topicPath(PROJECT, topic) }),
  }
}

/** Left out of the figures: the first batches meet cold code. */
const WARM_UP = { seconds: 3, group: 'w' } as const

/** Everything under way has arrived long before, or is lost. */
const ARRIVE_WITHIN_MS = 60_000

export type Load = Pick<SteadyLoad, 'pool' | 'rate' | 'seconds' | 'group' | 'partner'>

/**
 * Sends the loads side by side after a warm-up, and waits until all of it is everywhere.
 * @returns how many were published after the warm-up
 */
export async function send(
  { rig, live }: { readonly rig: Rig; readonly live: Live },
  loads: readonly Load[],
  what: string,
): Promise<number> {
  const most = loads.reduce((sum, { rate, seconds }) => sum + rate * (seconds + WARM_UP.seconds), 0)
  // A load of one partner skips the numbers of the others; each load has its own range of numbers.
  const range = Math.ceil(most * PARTNERS * 2)
  await rig.sinks.reset(range * loads.length)
  const bar = progressBar(what, undefined)
  const onPublished = (count: number) => bar.update(count)
  const sent = await Promise.all(
    loads.map(async (load, i) => {
      const first = await live.publish({ ...load, ...WARM_UP, first: i * range })
      const { published } = await live.publish({ ...load, first: first.next, onPublished })
      return { all: first.published + published, measured: published }
    }),
  )
  bar.stop()
  await everywhere(
    rig,
    sent.reduce((sum, load) => sum + load.all, 0),
  )
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

/** Milliseconds from publishing to a sink, of the events of one group. */
export async function latencies({ sinks }: Rig, sink: SinkName, group: string): Promise<Spread> {
  return spread((await sinks.latencies(sink))[group] ?? [])
}
