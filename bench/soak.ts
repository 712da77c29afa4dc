// Steady load for an hour: does the memory of bridge and worker grow?

import { setTimeout as sleep } from 'node:timers/promises'
import pidusage from 'pidusage'
import { progressBar } from '../cli/output/progress-bar.ts'
import { startLive } from './live.ts'
import { createEventPool } from './load/events.ts'
import type { Rig } from './rig.ts'
import { PARTNERS } from './send.ts'
import { growthOf } from './statistics.ts'

export type Soak = {
  readonly minutes: number
  readonly rate: number
  readonly published: number
  readonly staged: number
  /** Megabytes every minute. */
  readonly bridgeMegabytes: readonly number[]
  readonly workerMegabytes: readonly number[]
  /** Median of the last quarter minus median of the second one: what the first one is still filling is no leak. */
  readonly bridgeGrowthMegabytes: number
  readonly workerGrowthMegabytes: number
}

const SECONDS_A_SAMPLE = 60

/** @param rig with a Pub/Sub */
export async function soak(rig: Rig, minutes: number, rate: number): Promise<Soak> {
  const live = await startLive(rig, 'soak')
  const { bridge, workers } = live
  const [worker] = workers
  if (!worker) throw new Error('there is no worker')
  const pool = createEventPool(PARTNERS)
  await rig.sinks.reset(rate * minutes * SECONDS_A_SAMPLE)
  const bar = progressBar('soak: minutes', minutes)
  const samples: { readonly bridge: number; readonly worker: number }[] = []
  let next = 0
  for (let minute = 1; minute <= minutes; minute++) {
    const load = { pool, rate, seconds: SECONDS_A_SAMPLE, group: 's' }
    next = (await live.publish({ ...load, first: next })).next
    samples.push({ bridge: await megabytes(bridge.pid), worker: await megabytes(worker.pid) })
    bar.update(minute)
  }
  bar.stop()
  await sleep(5_000)
  const { staging } = await rig.sinks.counts()
  const bridgeMegabytes = samples.map((sample) => sample.bridge)
  const workerMegabytes = samples.map((sample) => sample.worker)
  return {
    minutes,
    rate,
    published: next,
    staged: staging.distinct,
    bridgeMegabytes,
    workerMegabytes,
    bridgeGrowthMegabytes: growthOf(bridgeMegabytes),
    workerGrowthMegabytes: growthOf(workerMegabytes),
  }
}

async function megabytes(pid: number): Promise<number> {
  return Math.round((await pidusage(pid)).memory / 1_000_000)
}
