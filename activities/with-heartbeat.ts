// Heartbeats while an activity works, so that Temporal notices a worker that died within seconds, not minutes.

import { activityInfo, heartbeat } from '@temporalio/activity'

/**
 * Well within the heartbeat timeout of workflows/policies.ts, and longer than an activity takes when all is
 * well: the good path sends none, and a heartbeat is billed.
 */
const INTERVAL_MS = 5_000

/**
 * Runs `work`, heartbeating until it settles. `progress` is what the next attempt shall find, if any.
 * A local attempt has no heartbeat: its workflow task is watched instead, and its time is short.
 */
export async function keepAlive<T>(
  work: () => Promise<T>,
  progress: () => unknown = () => activityInfo().heartbeatDetails,
): Promise<T> {
  if (activityInfo().isLocal) return work()
  const timer = setInterval(() => heartbeat(progress()), INTERVAL_MS)
  try {
    return await work()
  } finally {
    clearInterval(timer)
  }
}

/** The same activity, kept alive. */
export function kept<Args extends unknown[], Result>(
  activity: (...args: Args) => Promise<Result>,
): (...args: Args) => Promise<Result> {
  return (...args) => keepAlive(() => activity(...args))
}
