// Events that wait until Segment can be told of them: cancellations, which need an accepted purchase of their order, purchases
// that an earlier one precedes, and purchases in their cooling-off period.

import { continueAsNew, sleep, workflowInfo } from '@temporalio/workflow'
import type { EventFailure, WaitingActivated } from '#contracts/batch'
import { proxies } from './proxies.ts'
import { activateWaiting } from './steps.ts'
import { unreadIfNeeded } from './unread.ts'

/** What an earlier run of the same workflow has reached. */
export type LaterProgress = {
  /** Indexes of the events with a final outcome. */
  readonly settled: readonly number[]
  /** RFC 3339: when the first run began. */
  readonly since: string
  readonly summary: LaterSummary
}

export type LaterSummary = {
  readonly accepted: number
  readonly notActivated: number
  readonly failed: number
}

/** A purchase that was on its way when its cancellation came is usually accepted within a minute. */
const SHORTEST_PAUSE_SECONDS = 60

/** So that an event whose time is over is found within days. */
const LONGEST_PAUSE_SECONDS = 5 * 24 * 60 * 60

/**
 * Completes when every event has a final outcome, at the latest when Google Ads takes no cancellation any more. All events are
 * looked at together: one query and one activity each time, with pauses that grow as long as the time that has passed.
 * @param batch the events as a batch payload; all of them are staged
 */
export async function activateLater(
  batch: Uint8Array,
  progress: LaterProgress = newProgress(),
): Promise<LaterSummary> {
  const { workflowId: batchId } = workflowInfo()
  let isFirst = workflowInfo().continuedFromExecutionRunId === undefined
  let settled = progress.settled
  const summary = { ...progress.summary }
  for (;;) {
    const result = await activateWaiting(batch, { batchId, skip: settled, isFirst })
    await openDeadLetters(batch, result.failed)
    summary.accepted += result.accepted
    summary.notActivated += result.notActivated
    summary.failed += result.failed.length
    if (result.waiting === 0) return summary
    settled = [...settled, ...result.settled]
    isFirst = false
    await sleep(pauseSeconds(progress.since, result) * 1000)
    if (workflowInfo().continueAsNewSuggested)
      await continueAsNew<typeof activateLater>(batch, { ...progress, settled, summary })
  }
}

const newProgress = (): LaterProgress => ({
  settled: [],
  since: workflowInfo().startTime.toISOString(),
  summary: { accepted: 0, notActivated: 0, failed: 0 },
})

/** As long again as the events have waited, and until the end of a cooling-off period where all of them wait for one. */
function pauseSeconds(since: string, { waiting, coolingOff, dueInSeconds }: WaitingActivated) {
  if (dueInSeconds !== null && coolingOff === waiting) return dueInSeconds
  const waitedSeconds = (Date.now() - Date.parse(since)) / 1000
  const growing = Math.min(Math.max(waitedSeconds, SHORTEST_PAUSE_SECONDS), LONGEST_PAUSE_SECONDS)
  return Math.min(growing, dueInSeconds ?? growing)
}

async function openDeadLetters(
  batch: Uint8Array,
  failedEvents: readonly EventFailure[],
): Promise<void> {
  if (failedEvents.length === 0) return
  const { workflowId: batchId } = workflowInfo()
  const letters = { batchId, stage: 'activation', casualties: failedEvents } as const
  await unreadIfNeeded((isUnread) =>
    proxies.openDeadLetters(batch, isUnread ? { ...letters, isUnread } : letters),
  )
}
