// Runs the Beam peer once, over a subscription or a file of events, and tells how long it took.

import { readFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import { subscriptionPath } from '#runtime/pubsub'
import { startProcess, wrappedCommand } from '../../../deploy/local/process.ts'
import { progressLines } from '../../../deploy/local/progress.ts'
import { ensureBeam } from './install.ts'

/** Beam's runners of Python code on one machine; Prism, its newer default, is a download of its own. */
export type BeamMode = 'in_memory' | 'multi_threading' | 'multi_processing'

export type BeamSource =
  /** Full before the run begins: it ends when a pull comes back empty. */
  | { readonly kind: 'subscription'; readonly address: string; readonly name: string }
  /** A file of one message a line (events-file.ts), read by Beam's own source. */
  | { readonly kind: 'text'; readonly path: string }
  /** The same file in spans, without work for Beam per line. */
  | { readonly kind: 'spans'; readonly path: string }

export type BeamOptions = {
  readonly source: BeamSource
  readonly count: number
  /** Base of the HTTP sinks, which take insertAll and Segment's batches. */
  readonly sinksUrl: string
  readonly logDir: string
  /** @default 'multi_processing': the fastest on two cores */
  readonly mode?: BeamMode
  /** @default 2, or 1 in memory */
  readonly workers?: number
  /** Messages a batch. @default the fastest of those tried: 1,000 of a subscription, 500 of a file */
  readonly batchSize?: number
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

/**
 * Times in milliseconds since the epoch: the first pull or read, and the last acknowledgement or write. Beam's start
 * and end lie outside, and within `cpuSeconds`.
 */
export type BeamFigures = z.output<typeof figures>

/**
 * Installs Beam where it is missing and runs the pipeline once.
 * @throws Error where the pipeline fails, takes too long (it is killed then) or does not deliver `count` events
 */
export async function runBeam(options: BeamOptions): Promise<BeamFigures> {
  const python = await ensureBeam(progressLines())
  const command = wrappedCommand(python.command, '-m', 'pipeline', ...argumentsOf(options))
  const { logDir, timeoutMs = 300_000 } = options
  const env = { ...python.env, ...emulatorOf(options.source) }
  const running = await startProcess({ name: 'beam', command, logDir, env })
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

const BATCH_SIZES = { subscription: 1_000, text: 500, spans: 500 } as const

/** As the project of a local server is called everywhere. */
const PROJECT = 'local'

function emulatorOf(source: BeamSource): Readonly<Record<string, string>> {
  return source.kind === 'subscription' ? { PUBSUB_EMULATOR_HOST: source.address } : {}
}

function argumentsOf(options: BeamOptions): string[] {
  const { source, sinksUrl, mode = 'multi_processing' } = options
  const workers = options.workers ?? (mode === 'in_memory' ? 1 : 2)
  const values = {
    source: source.kind,
    of: source.kind === 'subscription' ? subscriptionPath(PROJECT, source.name) : source.path,
    bigquery: `${sinksUrl}/bigquery/v2`,
    segment: sinksUrl,
    mode,
    workers,
    'batch-size': options.batchSize ?? BATCH_SIZES[source.kind],
  }
  return Object.entries(values).map(([name, value]) => `--${name}=${value}`)
}

/** The log has Beam's warnings too. */
function readFigures(log: string): BeamFigures {
  const line = log.split('\n').findLast((text) => text.startsWith('{"events"'))
  return figures.parse(JSON.parse(line ?? '{}'))
}
