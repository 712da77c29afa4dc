// Our own contender: one bridge and as many workers as the machine has cores, as they run in production.

import { availableParallelism } from 'node:os'
import type { RunningProcess } from '../../deploy/local/process.ts'
import type { Rig } from '../rig.ts'

export type PipelineProcesses = {
  readonly bridge: RunningProcess
  readonly workers: readonly RunningProcess[]
}

export type PipelineOptions = {
  /** Also the name of its task queue, so that two pipelines share a server. */
  readonly subscription: string
  readonly workers?: number
  readonly env?: Readonly<Record<string, string>>
  /** Node's own, such as `--cpu-prof`. */
  readonly workerFlags?: readonly string[]
}

export const PROCESSES = availableParallelism()

export async function startPipeline(
  rig: Rig,
  { subscription, workers = PROCESSES, env = {}, workerFlags = [] }: PipelineOptions,
): Promise<PipelineProcesses> {
  const how = {
    env: { ...env, PUBSUB_SUBSCRIPTION: subscription, TEMPORAL_TASK_QUEUE: subscription },
  }
  const numbers = Array.from({ length: workers }, (_, i) => i + 1)
  const [bridge, ...started] = await Promise.all([
    rig.start(`${subscription}-bridge`, 'bridge/main.ts', how),
    ...numbers.map((i) =>
      rig.start(`${subscription}-worker-${i}`, 'workers/main.ts', {
        ...how,
        nodeFlags: workerFlags,
      }),
    ),
  ])
  return { bridge, workers: started }
}
