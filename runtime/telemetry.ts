// One Prometheus port per process, Temporal's own metrics and ours together; logs of the SDK join our own.

import {
  DefaultLogger,
  type LogLevel,
  Runtime,
  type Logger as TemporalLogger,
} from '@temporalio/worker'
import type { Logger } from './log.ts'

/** Must run before any Temporal connection or worker of this process is made. `address` is host:port, or undefined for none. */
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
 * Our logger in the form Temporal's runtime takes. Of a task it cannot read the SDK logs all of it, twice: a whole
 * batch, with what it says of people where it is not encrypted. That stays out.
 */
function temporalLogger(log: Logger): TemporalLogger {
  const least = log.isLevelEnabled('debug') ? 'DEBUG' : 'INFO'
  return new DefaultLogger(least, ({ level, message, meta }) => {
    const { task: _task, taskEncoded: _bytes, ...rest } = meta ?? {}
    log[LEVEL[level]](rest, message)
  })
}

const LEVEL = {
  TRACE: 'trace',
  DEBUG: 'debug',
  INFO: 'info',
  WARN: 'warn',
  ERROR: 'error',
} as const satisfies Record<LogLevel, string>
