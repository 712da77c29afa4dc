// `npm run demo`: everything on this machine, events through it, and the ledger that proves none was lost.

import { once } from 'node:events'
import { publish } from '#operations/send/publish'
import { isWatched, tell } from '../../../cli/output/print.ts'
import { messagesOf, type SendOptions } from '../../../cli/send-events.ts'
import { isBalanced, type Ledger, readLedger } from './ledger.ts'
import { type Pipeline, startPipeline } from './pipeline.ts'
import { showProgress } from './progress.ts'
import { printReport } from './report.ts'
import { waitUntilQuiet } from './watch.ts'

export type DemoOptions = Omit<SendOptions, 'rate' | 'topic'> & {
  readonly json?: boolean
  readonly exit?: boolean
}

const EXIT_BALANCED = 0
const EXIT_UNBALANCED = 1
const EXIT_INTERRUPTED = 130

/**
 * Starts the stack, sends the events, prints the ledger, and leaves no process behind. It stays up until Ctrl-C
 * where somebody sits at a terminal, unless `exit` is set.
 * @returns the exit code: 0 only if the ledger balances
 */
export async function demo(options: DemoOptions): Promise<number> {
  const interrupted = interruption()
  const starting = startPipeline()
  const finished = starting.then((pipeline) => run(pipeline, options, interrupted))
  try {
    return await Promise.race([finished, interrupted.then(() => EXIT_INTERRUPTED)])
  } finally {
    // What is still under way when it is interrupted fails as the stack goes: nobody waits for it.
    finished.catch(() => {})
    const pipeline = await starting.catch(() => null)
    await pipeline?.stop()
  }
}

async function run(
  pipeline: Pipeline,
  options: DemoOptions,
  interrupted: Promise<void>,
): Promise<number> {
  const ledger = await sendThrough(pipeline, options)
  await printReport(pipeline, ledger, options.json === true)
  if (!options.exit && isWatched()) {
    tell('\nEverything stays up. Ctrl-C ends it.')
    await interrupted
  }
  return isBalanced(ledger) ? EXIT_BALANCED : EXIT_UNBALANCED
}

async function sendThrough(pipeline: Pipeline, options: DemoOptions): Promise<Ledger> {
  const progress = showProgress(options.events === undefined ? options.count : undefined)
  try {
    const published = await publish(pipeline.config, await messagesOf(options), {
      topic: pipeline.config.PUBSUB_TOPIC,
      onPublished: progress.published,
    })
    await waitUntilQuiet(pipeline, published, progress.moved)
  } finally {
    progress.stop()
  }
  return readLedger(pipeline)
}

async function interruption(): Promise<void> {
  await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')])
  tell('\nStopping everything.')
}
