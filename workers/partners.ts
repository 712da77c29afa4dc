// The partner registry of a worker. The main thread says what became of each edit, and gives the last good text to activity
// threads, so that a thread that is started while the file cannot be used has it too.

import { getEnvironmentData, setEnvironmentData } from 'node:worker_threads'
import type { Logger } from '#runtime/log'
import type { ProcessMetrics } from '#runtime/metrics/groups'
import {
  LOOK_EVERY_MS,
  type RegistryFile,
  readRegistry,
  registryOf,
  watchRegistry,
} from '#runtime/partners/registry'
import { reportReads } from '#runtime/partners/report-reads'

/** The name of the text among what Node gives to threads. */
const KEY = 'partner-registry'

/**
 * Reads the registry in the main thread and looks for changes of it, which it logs and counts.
 * @throws ConfigError where the registry cannot be used
 */
export async function publishPartners(
  file: string | undefined,
  { partnerRegistryReads }: ProcessMetrics,
  log: Logger,
) {
  const start = await readRegistry(file)
  publish(start)
  const { onLoaded, onRefused } = reportReads(log, partnerRegistryReads)
  const publishAndReport = (read: RegistryFile) => {
    publish(read)
    onLoaded(read)
  }
  return watchRegistry(file, start, {
    everyMs: LOOK_EVERY_MS,
    onLoaded: publishAndReport,
    onRefused,
  })
}

const publish = ({ text }: RegistryFile) => setEnvironmentData(KEY, { text })

/** The main thread has said it. */
const nothing = () => {}

/** The registry within an activity thread. */
export function followPartners(file: string | undefined) {
  const watch = { everyMs: LOOK_EVERY_MS, onLoaded: nothing, onRefused: nothing }
  return watchRegistry(file, registryOf(publishedText()), watch)
}

function publishedText(): string | null {
  const data: unknown = getEnvironmentData(KEY)
  const text = typeof data === 'object' && data !== null ? Reflect.get(data, 'text') : null
  return typeof text === 'string' ? text : null
}
