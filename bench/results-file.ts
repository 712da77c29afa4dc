// The file of results: what each bench measured last.

import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { Throughput } from './compared.ts'
import type { DeadLetters } from './dead-letters.ts'
import type { GrowthStep } from './growth.ts'
import type { Fairness, Latency } from './latency.ts'
import type { Machine } from './machine.ts'
import type { SegmentFaults } from './segment-faults.ts'
import type { Soak } from './soak.ts'

export type Results = {
  readonly measuredAt: string
  /** True where few runs on few events were made: a first look, not a figure to quote. */
  readonly isQuick: boolean
  readonly machine: Machine
  readonly throughput?: Throughput
  readonly latency?: readonly Latency[]
  readonly fairness?: Fairness
  readonly growth?: readonly GrowthStep[]
  readonly deadLetters?: DeadLetters
  readonly segmentFaults?: SegmentFaults
  readonly soak?: Soak
}

/** Sections that were not measured now stay as they were. */
export async function writeResults(file: string, now: Results, eventBytes: number): Promise<void> {
  const all: Results = { ...(await readResults(file)), ...now }
  const { ratios, eventsPerSecond } = all.throughput ?? {}
  // After `all`, where the file's own sums are of the run before; JSON leaves out what is undefined.
  const summary = { ...all, ratios, eventsPerSecond, ...costInputs(all, eventBytes) }
  await mkdir(dirname(file), { recursive: true })
  await writeFile(file, `${JSON.stringify(summary, null, 2)}\n`)
}

async function readResults(file: string): Promise<object> {
  const text = await readFile(file, 'utf8').catch(() => '{}')
  const before: unknown = JSON.parse(text)
  return typeof before === 'object' && before !== null ? before : {}
}

/** What `npm run cost` computes from; absent until growth and latency were measured. */
function costInputs({ growth, latency }: Results, eventBytes: number) {
  const step = growth?.at(-1)
  if (!step || !latency) return {}
  const sizes = latency.map(({ rate, eventsPerBatch }) => [rate, eventsPerBatch])
  return {
    cost: {
      actionsPerBatch: step.batch.actions,
      historyBytesPerBatch: step.batch.historyBytes,
      historyBytesPerEvent: step.historyBytesPerEvent,
      eventBytes: Math.round(eventBytes),
      rowBytesPerEvent: Math.round(step.rowBytesPerEvent),
      eventsPerBatch: Object.fromEntries(sizes),
      cpuSecondsPerMillionEvents: step.cpuSecondsPerMillionEvents,
    },
  }
}
