// Redrives the events of a dead letter: runs the step that failed and the steps after it, and no step that has succeeded.

import { upsertSearchAttributes, workflowInfo } from '@temporalio/workflow'
import type { DeadLetter, EventFailure, Stage } from '#contracts/batch'
import {
  type FailedAgain,
  type FailedEvent,
  MAX_EVENTS_WITH_VIOLATIONS,
  type RedriveResult,
  type Resolution,
} from '#contracts/dead-letter/resolution'
import { reasonAttribute, STAGES } from '#contracts/dead-letter/vocabulary'
import { ATTRIBUTE_KEY } from '#contracts/search-attributes'
import { allDone } from './all-done.ts'
import { proxies } from './proxies.ts'
import { activateEvents, indexes, stageEvents, validateEvents, writeAuditLog } from './steps.ts'
import { summariseLeftOpen } from './summarise.ts'
import { unreadIfNeeded } from './unread.ts'

/**
 * Validates the events by the present contract, stages those that are not staged yet, and activates all of them.
 * @returns the events that failed again, at whatever stage; they are recorded in `streaming.dead_letter`
 */
export async function redriveEvents(
  { batchId }: DeadLetter,
  resolution: Resolution,
  batch: Uint8Array,
): Promise<RedriveResult> {
  const { workflowId } = workflowInfo()
  const { attempt } = resolution
  const validation = await validateEvents(batch)
  if (resolution.isUnaudited) await writeAuditLog(batch, batchId, validation.rejected)
  const skip = [...indexes(validation.rejected), ...validation.duplicates]
  const settled = new Set([...skip, ...resolution.staged])
  const staged =
    settled.size < validation.received
      ? await stageEvents(batch, workflowId, [...settled])
      : { purchase: 0, cancellation: 0, failed: [] }
  const unstaged = [...skip, ...indexes(staged.failed)]
  const activate = () => activateEvents(batch, { batchId: workflowId, attempt, skip: unstaged })
  const publish = { batchId: workflowId, skip: unstaged }
  const [activated] = validation.publishesChanges
    ? await allDone([activate(), proxies.publishOrderChanges(batch, publish)])
    : [await activate()]
  const failures = failuresOf({
    validation: validation.rejected,
    staging: staged.failed,
    activation: activated.failed,
  })
  const again = { batchId, attempt, failures }
  return {
    events: validation.received,
    staged: staged.purchase + staged.cancellation,
    activated: activated.accepted,
    failed:
      failures.length > 0
        ? await unreadIfNeeded((isUnread) =>
            proxies.recordFailedAgain(batch, isUnread ? { ...again, isUnread } : again),
          )
        : [],
  }
}

const failuresOf = (failedEvents: Readonly<Record<Stage, readonly EventFailure[]>>) =>
  STAGES.map((stage) => ({ stage, casualties: failedEvents[stage] })).filter(
    (failure) => failure.casualties.length > 0,
  )

/**
 * Sets the search attributes to the events that stay open, which are those that failed again and those the resolution left
 * out, and returns the message and the details of the failure.
 */
export function keepFailed(
  letter: DeadLetter,
  resolution: Resolution,
  failed: readonly FailedEvent[],
): { readonly message: string; readonly details: FailedAgain } {
  const {
    stages = [],
    reasons = [],
    eventTypes = [],
    events = 0,
  } = resolution.limitedTo?.others ?? {}
  const isLeft = (stage: Stage) => failed.some((event) => event.stage === stage)
  const first = STAGES.find((stage) => isLeft(stage) || stages.includes(stage))
  const types = failed.map(({ eventType }) => eventType ?? 'unknown')
  upsertSearchAttributes([
    { key: ATTRIBUTE_KEY.stage, value: first ?? letter.stage },
    { key: ATTRIBUTE_KEY.reason, value: reasonAttribute(failed, reasons) },
    { key: ATTRIBUTE_KEY.eventType, value: [...new Set([...types, ...eventTypes])] },
    { key: ATTRIBUTE_KEY.eventCount, value: failed.length + events },
  ])
  const details = {
    attempt: resolution.attempt,
    events: resolution.events,
    messageIds: failed.map(({ messageId }) => messageId),
    sample: failed.slice(0, MAX_EVENTS_WITH_VIOLATIONS),
  }
  return { message: summariseLeftOpen(letter, resolution, failed), details }
}
