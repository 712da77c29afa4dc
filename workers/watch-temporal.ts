// Tells the readiness of the worker whether Temporal answers, which the worker itself does not say while it retries.

import type { NativeConnection } from '@temporalio/worker'
import { deadlineIn, monotonicMs } from '#runtime/clock'
import type { Readiness } from '#runtime/readiness'

const INTERVAL_MS = 2_000

/** Temporal answers within milliseconds. */
const DEADLINE_MS = 5_000

/** Asks again and again, without keeping the process alive. Returns what ends it. */
export function watchTemporal(connection: NativeConnection, readiness: Readiness): () => void {
  let isAsking = false
  const ask = async () => {
    const asked = monotonicMs()
    isAsking = true
    await connection
      .withDeadline(deadlineIn(DEADLINE_MS), () => connection.workflowService.getSystemInfo({}))
      .then(
        () => readiness.answered('Temporal'),
        () => readiness.unanswered('Temporal', asked),
      )
    isAsking = false
  }
  const timer = setInterval(() => {
    if (!isAsking) void ask()
  }, INTERVAL_MS).unref()
  return () => clearInterval(timer)
}
