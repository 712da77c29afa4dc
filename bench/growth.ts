// How cost grows with the backlog: events a second, memory, bytes of history and billed actions, from ten thousand to a million events.

import { progressBar } from '../cli/output/progress-bar.ts'
import { type PipelineProcesses, startPipeline } from './contenders/pipeline.ts'
import { type Drained, drain } from './drain.ts'
import { type BatchCost, batchCosts } from './history-cost.ts'
import type { Rig } from './rig.ts'
import { median } from './statistics.ts'
import { type Usage, watched } from './usage.ts'

export type GrowthStep = {
  readonly backlog: number
  readonly eventsPerSecond: number
  readonly bridgePeakMegabytes: number
  /** Of the largest worker. */
  readonly workerPeakMegabytes: number
  readonly cpuSecondsPerMillionEvents: number
  readonly historyBytesPerEvent: number
  readonly actionsPerThousandEvents: number
  readonly rowBytesPerEvent: number
  readonly batch: BatchCost
}

/** The same number of events at least at every step, so that no step is measured in an instant. */
const EVENTS_A_STEP = 100_000

const SUBSCRIPTION = 'growth'

/** One pipeline, warmed up, meets one backlog after the other. */
export async function measureGrowth(rig: Rig, backlogs: readonly number[]): Promise<GrowthStep[]> {
  const pipeline = await startPipeline(rig, { subscription: SUBSCRIPTION })
  await drain(rig, { subscription: SUBSCRIPTION, events: 20_000 })
  const steps: GrowthStep[] = []
  for (const backlog of backlogs) steps.push(await measureStep(rig, pipeline, backlog))
  return steps
}

async function measureStep(
  rig: Rig,
  { bridge, workers }: PipelineProcesses,
  backlog: number,
): Promise<GrowthStep> {
  const repeats = Math.max(1, Math.ceil(EVENTS_A_STEP / backlog))
  const bar = progressBar(`growth: ${backlog.toLocaleString('en')}`, repeats * backlog)
  const { result: runs, usages } = await watched([bridge, ...workers], async () => {
    const drained: Drained[] = []
    for (let run = 0; run < repeats; run++) {
      const onProgress = (done: number) => bar.update(run * backlog + done)
      drained.push(await drain(rig, { subscription: SUBSCRIPTION, events: backlog, onProgress }))
    }
    return drained
  })
  bar.stop()
  return stepOf(runs, usages, { backlog, batch: await batchCosts(rig.temporal, SUBSCRIPTION) })
}

/** What the runs over one backlog tell: the usage is of the bridge first, and then of each worker. Pure. */
export function stepOf(
  runs: readonly Drained[],
  usages: readonly Usage[],
  { backlog, batch }: { backlog: number; batch: BatchCost },
): GrowthStep {
  const events = backlog * runs.length
  const [bridge, ...workers] = usages.map(({ peakBytes }) => Math.round(peakBytes / 1_000_000))
  const cpuSeconds = usages.reduce((sum, usage) => sum + usage.cpuSeconds, 0)
  return {
    backlog,
    eventsPerSecond: Math.round(median(runs.map((run) => run.eventsPerSecond))),
    bridgePeakMegabytes: bridge ?? 0,
    workerPeakMegabytes: Math.max(...workers),
    cpuSecondsPerMillionEvents: Math.round((cpuSeconds / events) * 1_000_000),
    historyBytesPerEvent: Math.round(batch.historyBytes / batch.events),
    actionsPerThousandEvents: Math.round((batch.actions / batch.events) * 100_000) / 100,
    rowBytesPerEvent: rowBytes(runs) / events,
    batch,
  }
}

function rowBytes(runs: readonly Drained[]): number {
  const tables = runs.flatMap(({ counts }) => [
    counts.audit_log,
    counts.staging,
    counts.activation_log,
    counts.activation_sending,
    counts.batch_ledger,
  ])
  return tables.reduce((sum, { bytes }) => sum + bytes, 0)
}
