// Spans of the traces of batches. Nothing of OpenTelemetry is imported here.

import type { SpanReference } from '#contracts/trace'
import { monotonicMs, wallClockMs } from '../clock.ts'

/** A piece of work that has ended. */
export type Span = {
  readonly name: string
  readonly kind: 'consumer' | 'internal' | 'client'
  readonly traceId: string
  /** Where it is absent, the span has a random id. */
  readonly spanId?: string
  /** Absent for the first span of a trace. */
  readonly parentId?: string
  readonly links?: readonly SpanReference[]
  /** Never of what a partner has sent. */
  readonly attributes: Readonly<Record<string, string | number | boolean>>
}

export type Tracing = {
  /** @param startMs by the wall clock; @param error what ended the work, absent where it succeeded */
  readonly record: (span: Span, startMs: number, durationMs: number, error?: unknown) => void
  /** Sends what is recorded, as far as that takes no longer than a few seconds. */
  readonly close: () => Promise<void>
}

/** Does the work and records it. @param spanOf is asked once it has ended, with its result where it succeeded; null for no span */
export async function recordWork<Result>(
  { record }: Tracing,
  spanOf: (result?: Result) => Span | null,
  work: () => Promise<Result>,
): Promise<Result> {
  const [startMs, began] = [wallClockMs(), monotonicMs()]
  const end = (span: Span | null, error?: unknown) => {
    if (span) record(span, startMs, monotonicMs() - began, error)
  }
  try {
    const result = await work()
    end(spanOf(result))
    return result
  } catch (error) {
    end(spanOf(), error)
    throw error
  }
}
