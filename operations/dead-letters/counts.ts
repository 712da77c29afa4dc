// Counts what became of the selected dead letters and their events. Pure.

import type { ResolutionReport } from './resolve.ts'

export type Counts = {
  /** That were selected. */
  readonly dead_letters: number
  readonly closed: number
  readonly closed_before: number
  readonly failed_again: number
  /** Runs that continue by themselves. */
  readonly under_way: number
  /** Of the dead letters whose runs are finished. */
  readonly events: number
  /** Edited events that were closed before. */
  readonly events_done_before: number
  readonly events_failed_again: number
}

export function countsOf(report: ResolutionReport): Counts {
  const { outcomes, underWay, selected, closedBefore, doneBefore } = report
  const finished = outcomes.filter(({ outcome }) => outcome === 'closed' || outcome === 'failed')
  const closed = finished.filter(({ outcome }) => outcome === 'closed')
  return {
    dead_letters: selected,
    closed: closed.length,
    closed_before: closedBefore.length,
    failed_again: finished.length - closed.length,
    under_way: underWay,
    events: finished.reduce((sum, { events }) => sum + events, 0),
    events_done_before: doneBefore,
    events_failed_again: finished.reduce((sum, { failed }) => sum + failed.length, 0),
  }
}
