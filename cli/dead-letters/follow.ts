// Follows a redrive or a discard on a terminal: how far it is, what keeps its runs from making progress, and Ctrl-C.

import type { Following } from '#operations/dead-letters/resolve'
import { type Bar, progressBar } from '../output/progress-bar.ts'
import { PAST } from './outcomes.ts'
import { explain } from './stuck-words.ts'

/** From the first progress on, Ctrl-C stops the operation, which then reports what it did; before, it ends the process. */
export async function follow<T>(operation: (following: Following) => Promise<T>): Promise<T> {
  const controller = new AbortController()
  const stop = () => controller.abort()
  let bar: Bar | undefined
  try {
    return await operation({
      signal: controller.signal,
      onProgress: ({ action, events, total }) => {
        bar ??= begin(PAST[action], total, stop)
        bar.update(events)
      },
      onStuck: (steps) => bar?.say([...explain(steps), CONTINUES].join('\n')),
    })
  } finally {
    process.removeListener('SIGINT', stop)
    process.removeListener('SIGTERM', stop)
    bar?.stop()
  }
}

function begin(what: string, total: number, stop: () => void): Bar {
  process.once('SIGINT', stop)
  process.once('SIGTERM', stop)
  return progressBar(what, total)
}

const CONTINUES =
  'Nothing is lost: what is under way continues by itself once that is fixed, also after Ctrl-C.'
