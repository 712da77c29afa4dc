// One Prometheus port per process, for Temporal's metrics and the pipeline's own. The logs of the SDK go to the log of the process.

import {
  DefaultLogger,
  type LogLevel,
  Runtime,
  type Logger as TemporalLogger,
} from '@temporalio/worker'
import { traceIdOf } from '#contracts/trace'
import type { Logger } from './log.ts'

/** Must run before the process makes any Temporal connection or worker. `address` is host:port, or undefined where no port is served. */
export function installTelemetry(
  service: string,
  log: Logger,
  address: string | undefined,
  shutdownSignals: NodeJS.Signals[],
): void {
  Runtime.install({
    logger: temporalLogger(log),
    shutdownSignals,
    ...(address && {
      telemetryOptions: {
        metrics: { prometheus: { bindAddress: address }, globalTags: { service } },
      },
    }),
  })
}

/**
 * Adapts the logger of the process to Temporal's runtime. Where the SDK cannot decode a task, it logs the whole task twice: a
 * batch with personal data, where payloads are not encrypted. That is left out of the log.
 */
function temporalLogger(log: Logger): TemporalLogger {
  const least = log.isLevelEnabled('debug') ? 'DEBUG' : 'INFO'
  return new DefaultLogger(least, ({ level, message, meta }) => {
    const { task: _task, taskEncoded: _bytes, ...rest } = meta ?? {}
    const { workflowId } = rest
    const traceId = typeof workflowId === 'string' ? traceIdOf(workflowId) : null
    log[LEVEL[level]](traceId === null ? rest : { ...rest, traceId }, message)
  })
}

const LEVEL = {
  TRACE: 'trace',
  DEBUG: 'debug',
  INFO: 'info',
  WARN: 'warn',
  ERROR: 'error',
} as const satisfies Record<LogLevel, string>
