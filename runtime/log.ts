// Structured logs: one JSON line on stderr per happening, at the level the configuration names.

import { type Logger, pino } from 'pino'

export type { Logger }

/** @param service the process: `bridge`, `worker` or a command */
export function createLogger(service: string, level: string): Logger {
  return pino({ level, base: { service } }, pino.destination({ fd: 2, sync: true }))
}
