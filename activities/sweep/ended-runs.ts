// Lists the runs that ended in a span of time, at most as many as one step handles.

import type { Client, WorkflowExecutionInfo } from '@temporalio/client'
import type { Ending, RunId } from '#contracts'

/** With this many runs the gRPC answers stay small, and a step takes a minute or two. */
const MAX_RUNS = 500

/** A span is not halved below one second: runs that end within it, as those of a batch operation do, are handled together. */
const SHORTEST_SPAN_MS = 1_000

export type Ended<Run = RunId> = {
  readonly runs: readonly Run[]
  readonly until: string
  readonly isMoreLeft: boolean
}

const listed = (values: readonly string[]) => values.map((value) => `'${value}'`).join(', ')

type Span = { readonly from: string | null; readonly until: string }

/** The runs of these workflow types that ended without success, in one of these ways. See `listEnded`. */
export async function findEnded(
  client: Client,
  of: { readonly types: readonly string[]; readonly endings: readonly Ending[] },
  span: Span,
  maxRuns = MAX_RUNS,
): Promise<Ended> {
  const condition = `WorkflowType IN (${listed(of.types)}) AND ExecutionStatus IN (${listed(of.endings)})`
  const { runs, ...rest } = await listEnded(client, condition, span, maxRuns)
  return { ...rest, runs: runs.map(({ workflowId, runId }) => ({ workflowId, runId })) }
}

/**
 * Lists each run once: the next span begins where this one ends. Temporal's lists have no order by which to page, so a span
 * with too many runs is halved until it has few enough.
 * @param until the end of the whole span: far enough in the past for Temporal's lists to be complete
 */
export async function listEnded(
  client: Client,
  condition: string,
  { from, until }: Span,
  maxRuns: number,
): Promise<Ended<WorkflowExecutionInfo>> {
  const query = (start: number, end: number) =>
    `${condition} AND CloseTime >= '${iso(start)}' AND CloseTime < '${iso(end)}'`
  const start = Date.parse(from ?? '1970-01-01T00:00:00Z')
  const last = Date.parse(until)
  let end = last
  while (end - start > SHORTEST_SPAN_MS) {
    const { count } = await client.workflow.count(query(start, end))
    if (count <= maxRuns) break
    end = start + Math.ceil((end - start) / 2)
  }
  const runs: WorkflowExecutionInfo[] = []
  for await (const run of client.workflow.list({ query: query(start, end) })) runs.push(run)
  return { runs, until: iso(end), isMoreLeft: end < last }
}

const iso = (ms: number) => new Date(ms).toISOString()
