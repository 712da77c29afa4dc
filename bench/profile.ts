// Where a worker's time goes: the thread of its activities over a full subscription, sampled by Node's own profiler.

import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { monotonicMs } from '#runtime/clock'
import { startPipeline } from './contenders/pipeline.ts'
import { drain } from './drain.ts'
import type { Rig } from './rig.ts'

/** As Node writes it: samples name nodes, and each stands for the microseconds since the one before. */
export type CpuProfile = {
  readonly nodes: readonly ProfileNode[]
  readonly samples: readonly number[]
  readonly timeDeltas: readonly number[]
}

export type ProfileNode = {
  readonly id: number
  readonly callFrame: { readonly functionName: string; readonly url: string }
  readonly children?: readonly number[] | undefined
}

const profileSchema = z.object({
  nodes: z.array(
    z.object({
      id: z.number(),
      callFrame: z.object({ functionName: z.string(), url: z.string() }),
      children: z.array(z.number()).optional(),
    }),
  ),
  samples: z.array(z.number()),
  timeDeltas: z.array(z.number()),
})

const SUBSCRIPTION = 'profile'
const WARM_UP_EVENTS = 60_000
const EVENTS = 300_000
const SAMPLE_MICROSECONDS = 500

/** @throws Error where the worker leaves no profile behind */
export async function profileWorker(rig: Rig): Promise<CpuProfile> {
  const directory = join(rig.logDir, 'profiles')
  const workerFlags = [
    '--cpu-prof',
    `--cpu-prof-dir=${directory}`,
    `--cpu-prof-interval=${SAMPLE_MICROSECONDS}`,
  ]
  const startedAt = monotonicMs()
  const { workers } = await startPipeline(rig, { subscription: SUBSCRIPTION, workerFlags })
  await drain(rig, { subscription: SUBSCRIPTION, events: WARM_UP_EVENTS })
  const warmUpMs = monotonicMs() - startedAt
  await drain(rig, { subscription: SUBSCRIPTION, events: EVENTS })
  await Promise.all(workers.map((worker) => worker.stop()))
  const files = await readdir(directory)
  const profiles = await Promise.all(files.map((file) => readProfile(join(directory, file))))
  const [profile] = profiles.toSorted((a, b) => activitySamples(b) - activitySamples(a))
  if (!profile) throw new Error(`the workers left no profile in ${directory}`)
  return without(profile, warmUpMs * 1000)
}

const readProfile = async (path: string): Promise<CpuProfile> =>
  profileSchema.parse(JSON.parse(await readFile(path, 'utf8')))

/** There is a profile for each thread: the one that runs the activities has most of these. */
function activitySamples({ nodes, samples }: CpuProfile): number {
  const ofActivities = new Set(
    nodes.filter(({ callFrame }) => callFrame.url.includes('/activities/')).map(({ id }) => id),
  )
  return samples.filter((id) => ofActivities.has(id)).length
}

function without({ nodes, samples, timeDeltas }: CpuProfile, microseconds: number): CpuProfile {
  let [from, passed] = [0, 0]
  while (from < samples.length && passed < microseconds) passed += timeDeltas[from++] ?? 0
  if (from === samples.length) throw new Error('the worker ended before its profile began')
  return { nodes, samples: samples.slice(from), timeDeltas: timeDeltas.slice(from) }
}
