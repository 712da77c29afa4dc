// The spans of requests to BigQuery and Segment: what became of each, below the attempt that made it.

import { expect, test } from '@jest/globals'
import { MockActivityEnvironment } from '@temporalio/testing'
import type { Segment } from '#activation/segment/segment'
import { rootSpanIdOf, traceIdOf } from '#contracts/trace'
import type { Span } from '#runtime/tracing/span'
import type { Row, Warehouse } from '#warehouse/warehouse'
import { traceActivities, traceSegment, traceWarehouse } from '../../../workers/trace-activities.ts'

const workflowId = `batch-${'0a'.repeat(16)}`
const traceId = traceIdOf(workflowId) ?? ''

/** Runs the work in an activity. @returns the spans in the order in which they ended */
async function spansOf(
  work: (tracing: Parameters<typeof traceSegment>[0]) => Promise<unknown>,
  info = {},
) {
  const spans: { readonly span: Span; readonly error: unknown }[] = []
  const tracing = {
    record: (span: Span, _start: number, _duration: number, error?: unknown) =>
      void spans.push({ span, error }),
    close: async () => {},
  }
  const environment = new MockActivityEnvironment(
    {
      activityType: 'stageEvents',
      attempt: 3,
      workflowExecution: { workflowId, runId: 'run-1' },
      ...info,
    },
    { interceptors: [traceActivities(tracing)] },
  )
  await environment.run(() => work(tracing)).catch(() => {})
  return spans
}

const segment = (deliver: Segment['deliver']): Segment => ({ deliver })
const SHUT = new Error('closed')
const ROW: Row = { key: ['m1'], columns: {} }

const ANSWERS: readonly [string, Segment['deliver'], Error | undefined][] = [
  ['accepted', async () => null, undefined],
  ['not accepted', async () => ({ status: 503 }), undefined],
  ['not accepted', () => Promise.reject(SHUT), SHUT],
]

test.each(ANSWERS)('a request to Segment that is %s', async (outcome, deliver, error) => {
  const call = Object({ call: {}, json: '{}' })
  const [request, attempt] = await spansOf((tracing) =>
    traceSegment(tracing, segment(deliver)).deliver([call, call]),
  )
  expect(request).toMatchObject({
    span: {
      name: 'deliver to Segment',
      kind: 'client',
      traceId,
      attributes: { calls: 2, outcome },
    },
    error,
  })
  expect(request?.span.parentId).toBe(attempt?.span.spanId)
  expect(attempt).toMatchObject({
    span: {
      name: 'stageEvents',
      kind: 'internal',
      traceId,
      parentId: rootSpanIdOf(traceId),
      attributes: {
        'temporal.workflow_id': workflowId,
        'temporal.run_id': 'run-1',
        'temporal.attempt': 3,
        'temporal.is_local': false,
      },
    },
    error,
  })
})

test('an append says its table and its rows', async () => {
  const warehouse: Warehouse = Object({ append: async () => ({ written: 2, failed: [] }) })
  const [append] = await spansOf((tracing) =>
    traceWarehouse(tracing, warehouse).append('audit_log', [ROW, ROW]),
  )
  expect(append?.span).toMatchObject({
    name: 'append audit_log',
    kind: 'client',
    attributes: { 'db.system.name': 'gcp.bigquery', rows: 2 },
  })
})

test('each attempt has a span id of its own, and an activity without a batch has no span', async () => {
  const ids = new Set<string | undefined>()
  for (const info of [{}, { attempt: 4 }, { activityId: 'other' }, { isLocal: true }]) {
    const [attempt] = await spansOf(async () => {}, info)
    ids.add(attempt?.span.spanId)
  }
  expect(ids.size).toBe(4)
  const workflowExecution = { workflowId: 'sweep', runId: 'run-1' }
  expect(await spansOf(async () => {}, { workflowExecution })).toEqual([])
})
