// Finds the runs that ended without success in a span of time, no more of them than one step takes.

import type { Client } from '@temporalio/client'
import type { RunId } from '#contracts'

/** How a run can end without success, as Temporal's queries name it. */
export type Ending = 'Terminated' | 'TimedOut' | 'Canceled' | 'Failed'

/** A gRPC answer of a step stays small, and the step within a minute or two. */
const MAX_RUNS = 500

/** Runs that end within one second, as those of one batch operation do, are taken together however many they are. */
const SHORTEST_SPAN_MS = 1_000

export type Ended = {
  readonly runs: readonly RunId[]
  readonly until: string
  readonly isMoreLeft: boolean
}

/**
 * Each run once: the next span begins where this one ends. Temporal's lists have no order to page by, so a span
 * with too many runs is halved until they fit.
 * @param until the end of the whole span: far enough in the past for Temporal's lists to be complete
 */
export async function findEnded(
  client: Client,
  of: { readonly type: string; readonly endings: readonly Ending[] },
  { from, until }: { readonly from: string | null; readonly until: string },
  maxRuns = MAX_RUNS,
): Promise<Ended> {
  const statuses = of.endings.map((ending) => `'${ending}'`).join(', ')
  const query = (start: number, end: number) =>
    `WorkflowType = '${of.type}' AND ExecutionStatus IN (${statuses}) AND CloseTime >= '${iso(start)}' AND CloseTime < '${iso(end)}'`
  const start = Date.parse(from ?? '1970-01-01T00:00:00Z')
  const last = Date.parse(until)
  let end = last
  while (end - start > SHORTEST_SPAN_MS) {
    const { count } = await client.workflow.count(query(start, end))
    if (count <= maxRuns) break
    end = start + Math.ceil((end - start) / 2)
  }
  const runs = []
  for await (const { workflowId, runId } of client.workflow.list({ query: query(start, end) }))
    runs.push({ workflowId, runId })
  return { runs, until: iso(end), isMoreLeft: end < last }
}

const iso = (ms: number) => new Date(ms).toISOString()
