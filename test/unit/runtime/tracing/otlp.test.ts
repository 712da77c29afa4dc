// What a collector is sent of a span: its ids, its kind, when it began and ended, its links, and of an error only the kind.

import { afterEach, expect, test } from '@jest/globals'
import { createOtlpTracing } from '#runtime/tracing/otlp'
import type { Span } from '#runtime/tracing/span'
import { startAnsweringServer } from '../../../support/answering-server.ts'

const NAME = 'OTEL_EXPORTER_OTLP_ENDPOINT'
const before = process.env[NAME]
afterEach(() => {
  if (before === undefined) delete process.env[NAME]
  else process.env[NAME] = before
})

const START_MS = 1_795_000_000_000

const span: Span = {
  name: 'start batch',
  kind: 'consumer',
  traceId: '0a'.repeat(16),
  spanId: '0b'.repeat(8),
  links: [{ traceId: '0c'.repeat(16), spanId: '0d'.repeat(8) }],
  attributes: { 'messaging.batch.message_count': 3 },
}

/** The spans as they are sent. */
async function sent(record: (tracing: ReturnType<typeof createOtlpTracing>) => void, ratio = 1) {
  const server = await startAnsweringServer()
  const bodies: string[] = []
  server.answer((response, { body }) => {
    bodies.push(body)
    response.writeHead(200, { 'content-type': 'application/json' }).end('{}')
  })
  process.env[NAME] = server.url
  try {
    const tracing = createOtlpTracing('bridge', ratio)
    record(tracing)
    await tracing.close()
  } finally {
    await server.close()
  }
  return bodies.flatMap((body) => {
    const [{ resource, scopeSpans }] = JSON.parse(body).resourceSpans
    return scopeSpans[0].spans.map((one: object) => ({ ...one, resource }))
  })
}

test('a span is sent with its own ids, its times and its links', async () => {
  const [one, ...others] = await sent(({ record }) => record(span, START_MS, 1_500))
  expect(others).toEqual([])
  expect(one).toMatchObject({
    name: 'start batch',
    kind: 5,
    traceId: span.traceId,
    spanId: span.spanId,
    startTimeUnixNano: '1795000000000000000',
    endTimeUnixNano: '1795000001500000000',
    attributes: [{ key: 'messaging.batch.message_count', value: { intValue: 3 } }],
    links: [{ traceId: '0c'.repeat(16), spanId: '0d'.repeat(8) }],
    resource: { attributes: [{ key: 'service.name', value: { stringValue: 'bridge' } }] },
  })
  expect(one.parentSpanId).toBeUndefined()
  expect(one.status.code).toBe(0)
})

test('a span below another has an id of its own, and the kind of its error without its message', async () => {
  const { spanId: _, ...below } = { ...span, parentId: '0e'.repeat(8) }
  const error = Object.assign(new Error('jane.doe@example.com'), { type: 'segment_setup' })
  const spans = await sent(({ record }) => {
    record({ ...below, kind: 'client' }, START_MS, 1, error)
    record({ ...below, kind: 'internal' }, START_MS, 1, new TypeError('jane.doe@example.com'))
  })
  expect(spans).toMatchObject([
    { kind: 3, parentSpanId: '0e'.repeat(8), status: { code: 2, message: 'segment_setup' } },
    { kind: 1, parentSpanId: '0e'.repeat(8), status: { code: 2, message: 'TypeError' } },
  ])
  expect(new Set(spans.map(({ spanId }: Span) => spanId)).size).toBe(2)
  expect(JSON.stringify(spans)).not.toContain('jane.doe')
})

test('with a ratio of 0 nothing is sent', async () => {
  expect(await sent(({ record }) => record(span, START_MS, 1), 0)).toEqual([])
})
