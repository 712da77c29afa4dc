// Keeps one activity thread running: where the thread is lost, another one replaces it.

import type { Logger } from '#runtime/log'
import type { IsolationMetrics } from '#runtime/metrics/groups'
import type { ActivityThread } from './activity-thread.ts'

export type KeptThread = {
  /** The thread, or the thread that replaces it, as soon as that has started. */
  current(): Promise<ActivityThread>
  close(): Promise<void>
}

export type Keeping = {
  readonly role: 'shared' | 'quarantine'
  readonly first: Promise<ActivityThread>
  readonly next: () => Promise<ActivityThread>
  readonly metrics: IsolationMetrics
  readonly log: Logger
}

export function keepThread({ role, first, next, metrics, log }: Keeping): KeptThread {
  let current = first
  const follow = async (): Promise<void> => {
    const reason = await (await current).lost
    log.warn({ thread: role, reason }, 'an activity thread is replaced')
    metrics.threadRestarts.add(1, { thread: role })
    current = next()
    return follow()
  }
  // Once the supply is closed, a thread that could not be started yet never is.
  follow().catch(() => {})
  return {
    current: () => current,
    close: () =>
      current.then(
        (thread) => thread.close(),
        () => {},
      ),
  }
}
