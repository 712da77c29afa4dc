// Runs the Beam peer once over a file of events and tells how long it took.

import { readFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import { startProcess, wrappedCommand } from '../../../deploy/local/process.ts'
import { progressLines } from '../../../deploy/local/progress.ts'
import { ensureBeam } from './install.ts'

/** Beam's runners of Python code on one machine; Prism, its newer default, is a download of its own. */
export type BeamMode = 'in_memory' | 'multi_threading' | 'multi_processing'

export type BeamOptions = {
  /** One message a line; see events-file.ts. */
  readonly eventsFile: string
  readonly count: number
  /** Base of BigQuery's REST API, with its `/bigquery/v2`. */
  readonly bigqueryUrl: string
  readonly segmentUrl: string
  readonly logDir: string
  /** @default 'multi_processing': the fastest on two cores */
  readonly mode?: BeamMode
  /** @default 2, or 1 in memory */
  readonly workers?: number
  /** `spans` is read without work for Beam per line, `text` by Beam's own source. @default 'spans' */
  readonly source?: 'spans' | 'text'
  /** @default 5 minutes */
  readonly timeoutMs?: number
}

const figures = z.object({
  events: z.number(),
  startedAt: z.number(),
  finishedAt: z.number(),
  cpuSeconds: z.number(),
  runner: z.string(),
  source: z.string(),
  beam: z.string(),
  python: z.string(),
})

/** Times in milliseconds since the epoch: the first element read, and Beam's `run()` over. */
export type BeamFigures = z.output<typeof figures>

/**
 * Installs Beam where it is missing and runs the pipeline once.
 * @throws Error where the pipeline fails, takes too long (it is killed then) or does not deliver `count` events
 */
export async function runBeam(options: BeamOptions): Promise<BeamFigures> {
  const python = await ensureBeam(progressLines())
  const command = wrappedCommand(python.command, '-m', 'pipeline', ...argumentsOf(options))
  const { logDir, timeoutMs = 300_000 } = options
  const running = await startProcess({ name: 'beam', command, logDir, env: python.env })
  const timer = new AbortController()
  const tooLate = sleep(timeoutMs, null, { signal: timer.signal }).catch(() => null)
  const exit = await Promise.race([running.exited, tooLate])
  timer.abort()
  if (exit === null) await running.stop(0)
  if (exit?.code !== 0) {
    const fate = exit === null ? `took more than ${timeoutMs / 1000} s` : 'failed'
    throw new Error(`The Beam pipeline ${fate}: see ${running.logFile}`)
  }
  const result = readFigures(await readFile(running.logFile, 'utf8'))
  if (result.events !== options.count)
    throw new Error(`Beam read ${result.events} of ${options.count} events`)
  return result
}

function argumentsOf(options: BeamOptions): string[] {
  const { mode = 'multi_processing', source = 'spans' } = options
  const workers = options.workers ?? (mode === 'in_memory' ? 1 : 2)
  const values = {
    events: options.eventsFile,
    bigquery: options.bigqueryUrl,
    segment: options.segmentUrl,
    mode,
    workers,
    source,
  }
  return Object.entries(values).map(([name, value]) => `--${name}=${value}`)
}

/** The log has Beam's warnings too. */
function readFigures(log: string): BeamFigures {
  const line = log.split('\n').findLast((text) => text.startsWith('{"events"'))
  return figures.parse(JSON.parse(line ?? '{}'))
}
