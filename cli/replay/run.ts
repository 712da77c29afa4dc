// `npm run replay`: counts the selected messages, publishes them again, and prints what was done.

import { OperationError } from '#operations/errors'
import { type Checkpoint, readCheckpoint } from '#operations/replay/checkpoint'
import {
  countReplay,
  type Replayed,
  replay,
  requireModest,
  sizeOf,
} from '#operations/replay/replay'
import { wallClock } from '#runtime/clock'
import { UsageError } from '#runtime/errors'
import type { ReplaySelection } from '#warehouse/sql/replayable-messages'
import { loadEnvironment } from '../environment.ts'
import { print } from '../output/print.ts'
import { progressBar } from '../output/progress-bar.ts'
import { countsText, doneText } from './wording.ts'

export type ReplayCommandOptions = {
  readonly since?: Date
  readonly until?: Date
  readonly partner?: string
  readonly type?: string
  readonly batch?: string
  readonly decision: ReplaySelection['decision']
  readonly staged?: boolean
  readonly dryRun?: boolean
  readonly rate: number
  readonly checkpoint?: string
  readonly yes?: boolean
  readonly json?: boolean
}

/** @returns the exit code */
export async function runReplay(options: ReplayCommandOptions): Promise<number> {
  const begun = begin(options)
  const config = await loadEnvironment(['PUBSUB_EMULATOR_HOST', 'BIGQUERY_EMULATOR_HOST'])
  const { createBigQuery } = await import('#warehouse/client')
  const { createReader } = await import('#warehouse/read')
  const bigquery = createBigQuery(config)
  const counts = await countReplay(createReader(bigquery), begun.selection)
  const size = sizeOf(counts, begun.selection)
  if (options.dryRun) {
    print(options.json ? JSON.stringify({ ...size, counts }, null, 2) : countsText(counts, size))
    return 0
  }
  if (!options.yes) requireModest(size)
  const done = await follow(begun.published + size.messages, (onPublished, signal) =>
    replay(bigquery, config, begun, {
      rate: options.rate,
      checkpointFile: options.checkpoint,
      onPublished,
      signal,
    }),
  )
  return show(done, config.PUBSUB_RETRY_TOPIC, options)
}

/** Shows how far it is. Ctrl-C ends it after the request that is under way. */
async function follow(
  total: number,
  work: (onPublished: (count: number) => void, signal: AbortSignal) => Promise<Replayed>,
): Promise<Replayed> {
  const controller = new AbortController()
  const stop = () => controller.abort()
  process.once('SIGINT', stop)
  process.once('SIGTERM', stop)
  const bar = progressBar('published', total)
  try {
    return await work((published) => bar.update(published), controller.signal)
  } finally {
    bar.stop()
    process.removeListener('SIGINT', stop)
    process.removeListener('SIGTERM', stop)
  }
}

/** Prints what was done. @returns the exit code */
export function show(
  done: Replayed,
  topic: string,
  { json, checkpoint }: ReplayCommandOptions,
): number {
  print(json ? JSON.stringify(done, null, 2) : doneText(done, topic, checkpoint))
  return done.isDone && done.leftOut.length === 0 ? 0 : 1
}

/**
 * @throws UsageError where nothing says which messages
 * @throws OperationError `period_reversed`, `checkpoint_taken` or `checkpoint_unusable`
 */
export function begin(options: ReplayCommandOptions): Checkpoint {
  const { since, until = wallClock(), partner, type, batch, decision, checkpoint: file } = options
  const begun = file === undefined ? null : readCheckpoint(file)
  if (file !== undefined && begun) {
    if (isSelected(options)) throw new OperationError('checkpoint_taken', { file })
    return begun
  }
  if (!since) throw new UsageError('Say which messages: --since, such as --since 2d. See --help.')
  if (since >= until) throw new OperationError('period_reversed', { since, until })
  const selection = {
    since: since.toISOString(),
    until: until.toISOString(),
    partner,
    type,
    batch,
    decision,
    includesStaged: options.staged === true,
  }
  return { selection, published: 0, isDone: false }
}

const isSelected = ({
  since,
  until,
  partner,
  type,
  batch,
  decision,
  staged,
}: ReplayCommandOptions) =>
  [since, until, partner, type, batch, staged].some((one) => one !== undefined) ||
  decision !== 'accepted'
