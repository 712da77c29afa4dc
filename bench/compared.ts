// Whose throughput is measured, and what is told of it. Pure.

import { median, ratio } from './statistics.ts'

export const contenders = ['pipeline', 'direct', 'beam', 'perEvent'] as const
export type Contender = (typeof contenders)[number]

export type Throughput = {
  readonly events: number
  readonly perEventEvents: number
  readonly processes: number
  /** Events a second of every run, in the order they were made. */
  readonly runs: Readonly<Record<Contender, readonly number[]>>
  /** Medians. */
  readonly eventsPerSecond: Readonly<Record<Contender, number>>
  /** This pipeline's events a second over the contender's. */
  readonly ratios: Readonly<Record<Exclude<Contender, 'pipeline'>, number>>
}

export function throughputOf(
  runs: Throughput['runs'],
  of: Pick<Throughput, 'events' | 'perEventEvents' | 'processes'>,
): Throughput {
  const eventsPerSecond = {
    pipeline: median(runs.pipeline),
    direct: median(runs.direct),
    beam: median(runs.beam),
    perEvent: median(runs.perEvent),
  }
  const over = (contender: Contender) => ratio(eventsPerSecond.pipeline, eventsPerSecond[contender])
  const ratios = { beam: over('beam'), direct: over('direct'), perEvent: over('perEvent') }
  return { ...of, runs, eventsPerSecond, ratios }
}
