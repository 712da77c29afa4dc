// Sends heartbeats while an activity works, so that Temporal notices within seconds, not minutes, that a worker has died.

import { activityInfo, heartbeat } from '@temporalio/activity'

/**
 * Well within the heartbeat time-out of workflows/policies.ts, and longer than an activity takes where nothing fails: such an
 * activity sends no heartbeat, and Temporal Cloud bills each one.
 */
const INTERVAL_MS = 5_000

/**
 * The same activity, with heartbeats while it works. A local activity has no heartbeat: Temporal watches its workflow task
 * instead, which is short.
 */
export function withHeartbeat<Args extends unknown[], Result>(
  activity: (...args: Args) => Promise<Result>,
): (...args: Args) => Promise<Result> {
  return async (...args) => {
    if (activityInfo().isLocal) return activity(...args)
    const timer = setInterval(() => heartbeat(activityInfo().heartbeatDetails), INTERVAL_MS)
    try {
      return await activity(...args)
    } finally {
      clearInterval(timer)
    }
  }
}
