// A real logger whose lines a test can read.

import { pino } from 'pino'
import type { Logger } from '#runtime/log'

export type LogLine = { readonly msg: string } & Readonly<Record<string, unknown>>

export function recordingLog(): { readonly log: Logger; readonly lines: readonly LogLine[] } {
  const lines: LogLine[] = []
  const log = pino({ base: null }, { write: (line: string) => void lines.push(JSON.parse(line)) })
  return { log, lines }
}
