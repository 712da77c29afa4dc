// Traces the steps of batches, and what they ask of BigQuery and Segment.

import { activityInfo, type Context, type Info } from '@temporalio/activity'
import type { ActivityInterceptors } from '@temporalio/worker'
import type { Segment } from '#activation/segment/segment'
import { rootSpanIdOf, spanIdOf, traceIdOf } from '#contracts/trace'
import { recordWork, type Span, type Tracing } from '#runtime/tracing/span'
import type { Warehouse } from '#warehouse/warehouse'

const traceOf = ({ workflowExecution }: Info) => traceIdOf(workflowExecution?.workflowId ?? '')

/** The same in the main thread and in the thread that runs the activity. */
const spanIdOfAttempt = ({ workflowExecution, activityId, attempt, isLocal }: Info) =>
  spanIdOf([workflowExecution?.runId ?? '', activityId, String(attempt), String(isLocal)])

/** An interceptor of activities that records a span for each attempt. Activities of a workflow without a batch have none. */
export const traceActivities =
  (tracing: Tracing) =>
  ({ info }: Context): ActivityInterceptors => ({
    inbound: {
      execute: (input, next) =>
        recordWork(
          tracing,
          () => spanOfAttempt(info),
          () => next(input),
        ),
    },
  })

function spanOfAttempt(info: Info): Span | null {
  const traceId = traceOf(info)
  if (traceId === null) return null
  return {
    name: info.activityType,
    kind: 'internal',
    traceId,
    spanId: spanIdOfAttempt(info),
    parentId: rootSpanIdOf(traceId),
    attributes: {
      'temporal.workflow_id': info.workflowExecution?.workflowId ?? '',
      'temporal.run_id': info.workflowExecution?.runId ?? '',
      'temporal.attempt': info.attempt,
      'temporal.is_local': info.isLocal,
    },
  }
}

/** A request of the activity that is running. */
function spanOfRequest(name: string, attributes: Span['attributes']): Span | null {
  const info = activityInfo()
  const traceId = traceOf(info)
  if (traceId === null) return null
  return { name, kind: 'client', traceId, parentId: spanIdOfAttempt(info), attributes }
}

/** The same warehouse, with a span for each append. */
export const traceWarehouse = <W extends Warehouse>(tracing: Tracing, warehouse: W): W => ({
  ...warehouse,
  append: (table, rows) =>
    recordWork(
      tracing,
      () =>
        spanOfRequest(`append ${table}`, { 'db.system.name': 'gcp.bigquery', rows: rows.length }),
      () => warehouse.append(table, rows),
    ),
})

/** The same port, with a span for each request. */
export const traceSegment = (tracing: Tracing, segment: Segment): Segment => ({
  ...segment,
  deliver: (calls) =>
    recordWork(
      tracing,
      (error) =>
        spanOfRequest('deliver to Segment', {
          calls: calls.length,
          outcome: error === null ? 'accepted' : 'not accepted',
        }),
      () => segment.deliver(calls),
    ),
})
