// Sends heartbeats while an activity works, so that Temporal notices within seconds, not minutes, that a worker has died.

import { activityInfo, heartbeat } from '@temporalio/activity'

/**
 * Well within the heartbeat time-out of workflows/policies.ts, and longer than an activity takes where nothing fails: such an
 * activity sends no heartbeat, and Temporal Cloud bills each one.
 */
const INTERVAL_MS = 5_000

/**
 * Runs `work`, and sends heartbeats until it settles. A local activity has no heartbeat: Temporal watches its workflow task
 * instead, which is short.
 * @param progress gives the details of the heartbeat, which the next attempt can read
 */
export async function heartbeatWhile<T>(
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

/** The same activity, with heartbeats while it works. */
export function withHeartbeat<Args extends unknown[], Result>(
  activity: (...args: Args) => Promise<Result>,
): (...args: Args) => Promise<Result> {
  return (...args) => heartbeatWhile(() => activity(...args))
}
