// Starts tracing by OpenTelemetry where OTEL_EXPORTER_OTLP_ENDPOINT is set. Without it, nothing of OpenTelemetry is loaded.

import type { Tracing } from './span.ts'

export type TracingConfig = {
  readonly OTEL_EXPORTER_OTLP_ENDPOINT?: string | undefined
  readonly OTEL_TRACES_SAMPLER_ARG: number
}

/** Null where tracing is off. @param service the name of the process */
export async function startTracing(
  service: string,
  config: TracingConfig,
): Promise<Tracing | null> {
  if (config.OTEL_EXPORTER_OTLP_ENDPOINT === undefined) return null
  const { createOtlpTracing } = await import('./otlp.ts')
  return createOtlpTracing(service, config.OTEL_TRACES_SAMPLER_ARG)
}
