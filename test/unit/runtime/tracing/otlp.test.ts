// What a collector is sent of a span: its ids, its kind, when it began and ended, its links, and of an error only the kind.

import { afterEach, expect, jest, test } from '@jest/globals'
import { createOtlpTracing } from '#runtime/tracing/otlp'
import { recordWork, type Span, type Tracing } from '#runtime/tracing/span'
import { startTracing } from '#runtime/tracing/start'
import { startAnsweringServer } from '../../../support/answering-server.ts'

const NAME = 'OTEL_EXPORTER_OTLP_ENDPOINT'
const before = process.env[NAME]
afterEach(() => {
  if (before === undefined) delete process.env[NAME]
  else process.env[NAME] = before
  jest.restoreAllMocks()
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
async function sent(
  record: (tracing: ReturnType<typeof createOtlpTracing>) => void,
  ratio = 1,
  start: (service: string) => Promise<Tracing | null> = async (service) =>
    createOtlpTracing(service, ratio),
) {
  const server = await startAnsweringServer()
  const bodies: string[] = []
  server.answer((response, { body }) => {
    bodies.push(body)
    response.writeHead(200, { 'content-type': 'application/json' }).end('{}')
  })
  process.env[NAME] = server.url
  try {
    const tracing = await start('bridge')
    if (tracing) record(tracing)
    await tracing?.close()
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

const START = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:4318' }

test('tracing is on where an endpoint is configured, for the share of the traces that is', async () => {
  expect(await startTracing('bridge', { OTEL_TRACES_SAMPLER_ARG: 1 })).toBeNull()
  const record = (tracing: Tracing) => tracing.record(span, START_MS, 1)
  const startFor = (ratio: number) => (service: string) =>
    startTracing(service, { ...START, OTEL_TRACES_SAMPLER_ARG: ratio })
  expect(await sent(record, 1, startFor(0))).toEqual([])
  expect(await sent(record, 1, startFor(1))).toMatchObject([
    { resource: { attributes: [{ key: 'service.name', value: { stringValue: 'bridge' } }] } },
  ])
})

/** Does work that takes 40 ms by the monotonic clock. @returns what was recorded of it */
async function recorded(work: () => Promise<number>, spanOf: (result?: number) => Span | null) {
  const clock = jest.spyOn(performance, 'now').mockReturnValue(1_000)
  jest.spyOn(Date, 'now').mockReturnValue(START_MS)
  const spans: unknown[][] = []
  const tracing = { record: (...all: unknown[]) => void spans.push(all), close: async () => {} }
  const ending = recordWork(tracing, spanOf, () => {
    clock.mockReturnValue(1_040)
    jest.spyOn(Date, 'now').mockReturnValue(START_MS + 9_000)
    return work()
  })
  return { spans, ended: await ending.catch((error: unknown) => error) }
}

test('work has a span with its beginning and how long it took, which knows the result', async () => {
  const spanOf = (result?: number) => ({ ...span, attributes: { result: result ?? 'none' } })
  expect(await recorded(async () => 7, spanOf)).toEqual({
    spans: [[{ ...span, attributes: { result: 7 } }, START_MS, 40, undefined]],
    ended: 7,
  })
  const error = new Error('it broke')
  expect(await recorded(() => Promise.reject(error), spanOf)).toEqual({
    spans: [[{ ...span, attributes: { result: 'none' } }, START_MS, 40, error]],
    ended: error,
  })
})

test('work without a span is done all the same', async () => {
  expect(
    await recorded(
      async () => 7,
      () => null,
    ),
  ).toEqual({ spans: [], ended: 7 })
})
