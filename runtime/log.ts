// Structured logs: one JSON line on stderr per happening, at the level the configuration names.

import { type Logger, pino, stdSerializers } from 'pino'

export type { Logger }

/** @param service the process: `bridge`, `worker` or a command */
export function createLogger(service: string, level: string): Logger {
  const options = {
    level,
    base: { service },
    // Temporal's SDK names the error of an entry `error`, pino and we `err`.
    serializers: { err: stdSerializers.errWithCause, error: stdSerializers.errWithCause },
  }
  return pino(options, pino.destination({ fd: 2, sync: true }))
}
