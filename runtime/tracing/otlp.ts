// Sends spans to an OpenTelemetry collector by OTLP over HTTP. Loaded only where tracing is on.

import { setTimeout as sleep } from 'node:timers/promises'
import { ROOT_CONTEXT, SpanKind, SpanStatusCode, TraceFlags, trace } from '@opentelemetry/api'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http'
import { resourceFromAttributes } from '@opentelemetry/resources'
import {
  BasicTracerProvider,
  BatchSpanProcessor,
  RandomIdGenerator,
  TraceIdRatioBasedSampler,
} from '@opentelemetry/sdk-trace-base'
import type { Span, Tracing } from './span.ts'

/** A collector that does not answer does not keep a process from ending. */
const CLOSE_WITHIN_MS = 3_000

const KIND = {
  consumer: SpanKind.CONSUMER,
  internal: SpanKind.INTERNAL,
  client: SpanKind.CLIENT,
} as const satisfies Record<Span['kind'], SpanKind>

/** Gives the next span the ids that it shall have. */
function createIds() {
  const random = new RandomIdGenerator()
  let next: Partial<Pick<Span, 'traceId' | 'spanId'>> = {}
  return {
    use: (ids: typeof next) => {
      next = ids
    },
    generateTraceId: () => next.traceId ?? random.generateTraceId(),
    generateSpanId: () => next.spanId ?? random.generateSpanId(),
  }
}

/**
 * The endpoint, headers and time-out come from the variables OTEL_EXPORTER_OTLP_*, which the exporter reads itself.
 * @param ratio of the traces that are recorded, from 0 to 1. Every process decides alike, because it goes by the trace id
 */
export function createOtlpTracing(service: string, ratio: number): Tracing {
  const idGenerator = createIds()
  const provider = new BasicTracerProvider({
    resource: resourceFromAttributes({ 'service.name': service }),
    sampler: new TraceIdRatioBasedSampler(ratio),
    spanProcessors: [new BatchSpanProcessor(new OTLPTraceExporter())],
    idGenerator,
  })
  const tracer = provider.getTracer('car-events-pipeline')
  const record: Tracing['record'] = (span, startMs, durationMs, error) => {
    idGenerator.use(span)
    const options = {
      kind: KIND[span.kind],
      startTime: startMs,
      attributes: { ...span.attributes },
      links: (span.links ?? []).map((link) => ({ context: sampled(link) })),
    }
    const started = tracer.startSpan(span.name, options, contextOf(span))
    idGenerator.use({})
    if (error !== undefined)
      started.setStatus({ code: SpanStatusCode.ERROR, message: kindOf(error) })
    started.end(startMs + durationMs)
  }
  const close = async () => {
    const closed = provider.shutdown().catch(() => {})
    await Promise.race([closed, sleep(CLOSE_WITHIN_MS, undefined, { ref: false })])
  }
  return { record, close }
}

const sampled = (of: { readonly traceId: string; readonly spanId: string }) => ({
  ...of,
  traceFlags: TraceFlags.SAMPLED,
  isRemote: true,
})

const contextOf = ({ traceId, parentId }: Span) =>
  parentId === undefined
    ? ROOT_CONTEXT
    : trace.setSpanContext(ROOT_CONTEXT, sampled({ traceId, spanId: parentId }))

/** The message of an error may quote an event. */
function kindOf(error: unknown): string {
  if (!(error instanceof Error)) return typeof error
  return 'type' in error && typeof error.type === 'string' ? error.type : error.name
}
