// The trace of a batch, for logs and OpenTelemetry. It follows from workflow ids, so that no history carries it.

import type { Message } from './batch.ts'
import { digest } from './digest.ts'

const BATCH = /\bbatch-([0-9a-f]{32})\b/

/**
 * The trace id of a workflow: the digits of its batch, which its dead letters and the events that wait have in their ids, too.
 * Null for a workflow that belongs to no batch. Pure.
 */
export const traceIdOf = (workflowId: string): string | null => BATCH.exec(workflowId)?.[1] ?? null

/** A span id for these words. Pure. */
export const spanIdOf = (words: readonly string[]): string => digest(words).slice(0, 16)

/** The span of the start of a batch, which all others of its trace are below. Pure. */
export const rootSpanIdOf = (traceId: string): string => spanIdOf(['start', traceId])

export type SpanReference = { readonly traceId: string; readonly spanId: string }

/** W3C Trace Context: version, trace id, parent id, flags. An id of zeros only is invalid. */
const TRACEPARENT =
  /^[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-[0-9a-f]{2}(?:-|$)/

/** Where publishers put it: a publisher's own attribute, and that of Google's client libraries. */
const ATTRIBUTES = ['traceparent', 'googclient_traceparent']

/** The span in which the message was published, where the publisher names it. Pure. */
export function publisherSpan({ attributes }: Pick<Message, 'attributes'>): SpanReference | null {
  for (const name of ATTRIBUTES) {
    const [, traceId, spanId] = TRACEPARENT.exec((attributes[name] ?? '').slice(0, 64)) ?? []
    if (traceId !== undefined && spanId !== undefined) return { traceId, spanId }
  }
  return null
}
