// `npm run demo`: everything on this machine, events through it, and the ledger that proves none was lost.

import { once } from 'node:events'
import { publish } from '#operations/send/publish'
import { importDemo, type Pipeline } from '../local.ts'
import { isWatched, tell } from '../output/print.ts'
import { messagesOf, type SendOptions } from '../send-events.ts'
import { showProgress, tellRestart } from './progress.ts'
import { type Outcome, printReport } from './report.ts'

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
 * @throws MissingKitError where the development kit is not installed
 */
export async function demo(options: DemoOptions): Promise<number> {
  const { startPipeline } = await importDemo()
  const interrupted = interruption()
  const starting = startPipeline(tellRestart)
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
  const outcome = await sendThrough(pipeline, options)
  await printReport(outcome, options.json === true)
  if (!options.exit && isWatched()) {
    tell('\nEverything stays up. Ctrl-C ends it.')
    await interrupted
  }
  return outcome.balanced ? EXIT_BALANCED : EXIT_UNBALANCED
}

async function sendThrough(pipeline: Pipeline, options: DemoOptions): Promise<Outcome> {
  const { isBalanced, readLedger, waitUntilQuiet } = await importDemo()
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
  const ledger = await readLedger(pipeline)
  return { pipeline, ledger, balanced: isBalanced(ledger) }
}

async function interruption(): Promise<void> {
  await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')])
  tell('\nStopping everything.')
}
