// Throughput from a full subscription to the last row and call: this pipeline and what people would use instead, in alternating runs.

import { progressBar } from '../cli/output/progress-bar.ts'
import { type Contender, contenders, type Throughput, throughputOf } from './compared.ts'
import { PROCESSES, startPipeline } from './contenders/pipeline.ts'
import { arrived, drain } from './drain.ts'
import { ensureBeam } from './peers/beam/install.ts'
import { runBeam } from './peers/beam/run.ts'
import type { Rig } from './rig.ts'

export type ThroughputOptions = {
  readonly events: number
  /** One workflow an event is slow: fewer events tell as much. */
  readonly perEventEvents: number
  readonly rounds: number
}

type Run = () => Promise<number>

/** @throws Error where a contender loses an event, fails or stands still */
export async function measureThroughput(rig: Rig, options: ThroughputOptions): Promise<Throughput> {
  await ensureBeam(() => {})
  const runs = await startContenders(rig, options)
  // The first run of each is slower: code that is not compiled yet.
  for (const contender of contenders) await runs[contender]()
  const measured: Record<Contender, number[]> = { pipeline: [], direct: [], beam: [], perEvent: [] }
  const bar = progressBar('throughput: runs', options.rounds * contenders.length)
  for (let round = 0; round < options.rounds; round++) {
    for (const contender of contenders) {
      measured[contender].push(Math.round(await runs[contender]()))
      bar.update(round * contenders.length + contenders.indexOf(contender) + 1)
    }
  }
  bar.stop()
  const { events, perEventEvents } = options
  return throughputOf(measured, { events, perEventEvents, processes: PROCESSES })
}

async function startContenders(
  rig: Rig,
  { events, perEventEvents }: ThroughputOptions,
): Promise<Record<Contender, Run>> {
  const one = { BRIDGE_BATCH_MAX_EVENTS: '1' }
  await startPipeline(rig, { subscription: 'pipeline' })
  await startPipeline(rig, { subscription: 'per-event', env: one })
  const numbers = Array.from({ length: PROCESSES }, (_, i) => i + 1)
  const direct = { env: { PUBSUB_SUBSCRIPTION: 'direct' } }
  await Promise.all(
    numbers.map((i) => rig.start(`direct-${i}`, 'bench/contenders/direct-main.ts', direct)),
  )
  const drained = async (subscription: string, count: number, takesWaiting = true) =>
    (await drain(rig, { subscription, events: count, takesWaiting })).eventsPerSecond
  return {
    pipeline: () => drained('pipeline', events),
    direct: () => drained('direct', events, false),
    beam: () => beam(rig, events),
    perEvent: () => drained('per-event', perEventEvents),
  }
}

/** Beam's own start lies outside its time. */
async function beam(rig: Rig, events: number): Promise<number> {
  await rig.sinks.reset(events)
  await rig.subscriptions.fill('beam', events)
  const { address } = rig.subscriptions
  const { startedAt, finishedAt } = await runBeam({
    source: { kind: 'subscription', address, name: 'beam' },
    count: events,
    sinksUrl: rig.sinks.url,
    logDir: rig.logDir,
    workers: PROCESSES,
  })
  const there = arrived(await rig.sinks.counts())
  if (there < events) throw new Error(`Beam lost ${events - there} of ${events} events`)
  return events / ((finishedAt - startedAt) / 1000)
}
