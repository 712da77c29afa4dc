// Traces the start of each batch, linked to the spans in which its messages were published.

import type { Message } from '#contracts'
import { publisherSpan, rootSpanIdOf, type SpanReference, traceIdOf } from '#contracts/trace'
import { recordWork, type Span, type Tracing } from '#runtime/tracing/span'
import { batchId, type Started } from './start-batch.ts'

export type Start = (messages: readonly Message[], noisyPartner: string | null) => Promise<Started>

/** As many links as OpenTelemetry keeps by default. */
const MAX_LINKS = 128

/** The same function, which also records a span for each batch. @param subscription where the messages come from */
export function traceStart(tracing: Tracing, subscription: string, start: Start): Start {
  return (messages, noisyPartner) =>
    recordWork(
      tracing,
      (started) => spanOf(messages, subscription, started),
      () => start(messages, noisyPartner),
    )
}

/** The first span of the trace is the start that Temporal took; another attempt is below it. */
function spanOf(
  messages: readonly Message[],
  subscription: string,
  started: Started | undefined,
): Span | null {
  const workflowId = batchId(messages)
  const traceId = traceIdOf(workflowId)
  if (traceId === null) return null
  const root = rootSpanIdOf(traceId)
  return {
    name: 'start batch',
    kind: 'consumer',
    traceId,
    ...(started === 'started' ? { spanId: root } : { parentId: root }),
    links: linksOf(messages),
    attributes: {
      'messaging.system': 'gcp_pubsub',
      'messaging.destination.subscription.name': subscription,
      'messaging.batch.message_count': messages.length,
      'temporal.workflow_id': workflowId,
      outcome: started ?? 'failed',
    },
  }
}

/** Each span of a publisher once. */
function linksOf(messages: readonly Message[]): SpanReference[] {
  const links = new Map<string, SpanReference>()
  for (const message of messages) {
    const span = publisherSpan(message)
    if (span && links.size < MAX_LINKS) links.set(`${span.traceId} ${span.spanId}`, span)
  }
  return [...links.values()]
}
