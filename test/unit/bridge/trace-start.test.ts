// The span of each start: what it is of, whether it is the first of its trace, and the publishers it is linked to.

import { expect, test } from '@jest/globals'
import { rootSpanIdOf, traceIdOf } from '#contracts/trace'
import type { Span } from '#runtime/tracing/span'
import { batchId, type Started } from '../../../bridge/start-batch.ts'
import { traceStart } from '../../../bridge/trace-start.ts'
import { message } from '../../fixtures/messages.ts'

const MESSAGES = [message('a'), message('b')]

/** Starts once. @returns the one span, and the error of the start where it had one */
async function spanOf(answer: () => Promise<Started>, messages = MESSAGES) {
  const spans: { readonly span: Span; readonly error: unknown }[] = []
  const tracing = {
    record: (span: Span, _start: number, _duration: number, error?: unknown) =>
      void spans.push({ span, error }),
    close: async () => {},
  }
  await traceStart(tracing, 'live', answer)(messages, null).catch(() => {})
  expect(spans).toHaveLength(1)
  return { ...spans[0]?.span, error: spans[0]?.error }
}

const workflowId = batchId(MESSAGES)
const traceId = traceIdOf(workflowId) ?? ''

test.each(['started', 'repeated', 'refused'] as const)(
  'a start that is answered with %s',
  async (outcome) => {
    const span = await spanOf(async () => outcome)
    expect(span).toMatchObject({
      name: 'start batch',
      kind: 'consumer',
      traceId,
      error: undefined,
      attributes: {
        'messaging.system': 'gcp_pubsub',
        'messaging.destination.subscription.name': 'live',
        'messaging.batch.message_count': 2,
        'temporal.workflow_id': workflowId,
        outcome,
      },
    })
    const root = rootSpanIdOf(traceId)
    const place = { spanId: span.spanId, parentId: span.parentId }
    expect(place).toEqual(
      outcome === 'started'
        ? { spanId: root, parentId: undefined }
        : { spanId: undefined, parentId: root },
    )
  },
)

test('a start that fails has its error, and is below the first span', async () => {
  const error = new Error('Temporal does not answer')
  const span = await spanOf(() => Promise.reject(error))
  expect(span).toMatchObject({
    error,
    parentId: rootSpanIdOf(traceId),
    attributes: { outcome: 'failed' },
  })
})

const publishedIn = (number: number) => {
  const digits = number.toString(16).padStart(16, '0')
  return message('a', {
    attributes: { googclient_traceparent: `00-${digits.repeat(2)}-${digits}-01` },
  })
}

test('each span of a publisher is linked once, and no more than 128 of them', async () => {
  const twice = await spanOf(async () => 'started', [publishedIn(1), publishedIn(1), message('b')])
  expect(twice.links).toEqual([
    { traceId: '00000000000000010000000000000001', spanId: '0000000000000001' },
  ])
  const many = Array.from({ length: 130 }, (_, at) => publishedIn(at + 1))
  expect((await spanOf(async () => 'started', many)).links).toHaveLength(128)
})
