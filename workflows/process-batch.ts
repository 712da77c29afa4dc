// The steps of a batch: validate, write the audit log and stage, activate with the ledger entry. Failed events go to dead letters.

import { ApplicationFailure, isCancellation, workflowInfo } from '@temporalio/workflow'
import type {
  BatchCounts,
  BatchSummary,
  EventFailure,
  PublishRequest,
  Stage,
} from '#contracts/batch'
import { countsOf, summaryOf } from '#contracts/batch-counts'
import { UNPUBLISHED_FAILURE } from '#contracts/failure-types'
import { receiptIn } from '#contracts/receipt'
import { allDone } from './all-done.ts'
import { proxies } from './proxies.ts'
import { activateEvents, indexes, stageEvents, validateEvents, writeAuditLog } from './steps.ts'
import { unreadIfNeeded } from './unread.ts'
import { isUnreadable, keepUnreadable } from './unreadable-batch.ts'

/**
 * Processes one batch of the bridge. It completes when every event is staged, rejected or a duplicate and the ledger entry
 * is written. It fails only by a defect, or after a week of failed retries.
 *
 * @param batch the payload that the bridge encoded. The workflow does not read it. Where no worker can read it, it becomes
 * one dead letter
 */
export async function processBatch(batch: Uint8Array): Promise<BatchSummary> {
  try {
    return await processEvents(batch)
  } catch (error) {
    if (!isUnreadable(error)) throw error
    return keepUnreadable(batch, error)
  }
}

async function processEvents(batch: Uint8Array): Promise<BatchSummary> {
  const { workflowId: batchId, memo } = workflowInfo()
  const deadLetter = async (stage: Stage, failedEvents: readonly EventFailure[]) => {
    if (failedEvents.length === 0) return
    const letters = { batchId, stage, casualties: failedEvents }
    await unreadIfNeeded((isUnread) =>
      proxies.openDeadLetters(batch, isUnread ? { ...letters, isUnread } : letters),
    )
  }

  const validation = await validateEvents(batch)
  const skip = [...indexes(validation.rejected), ...validation.duplicates]
  const [staged] = await allDone([
    stageEvents(batch, batchId, skip),
    writeAuditLog(batch, batchId, validation.rejected, receiptIn(memo)),
  ])
  const unstaged = [...skip, ...indexes(staged.failed)]
  const deadLetterUnstaged = async () => {
    await deadLetter('validation', validation.rejected)
    await deadLetter('staging', staged.failed)
  }
  const counts = countsOf(validation, staged)
  const toActivate = validation.accepted - staged.failed.length
  if (toActivate === 0) {
    await deadLetterUnstaged()
    return writeLedger(batch, batchId, counts)
  }
  const activate = async () => {
    // Both at once, so that rejected events show as dead letters however long Segment is unavailable.
    const [activated] = await allDone([
      activateEvents(batch, { batchId, skip: unstaged, counts }),
      deadLetterUnstaged(),
    ])
    await deadLetter('activation', activated.failed)
    return activated
  }
  if (!validation.publishesChanges) return summaryOf(counts, await activate())
  const publish = { batchId, skip: unstaged }
  const [activated] = await allDone([activate(), publishChanges(batch, publish)])
  return summaryOf(counts, activated)
}

/** @throws ApplicationFailure by which the sweep and people see that everything else of the batch is done */
async function publishChanges(batch: Uint8Array, request: PublishRequest): Promise<void> {
  try {
    await proxies.publishOrderChanges(batch, request)
  } catch (error) {
    if (isCancellation(error)) throw error
    throw ApplicationFailure.create({
      type: UNPUBLISHED_FAILURE,
      message: 'Only the change events of this batch were not published: its cause says why.',
      nonRetryable: true,
      ...(error instanceof Error && { cause: error }),
    })
  }
}

/** The ledger entry of a batch without events to activate: otherwise the activity of activation writes it. */
async function writeLedger(
  batch: Uint8Array,
  batchId: string,
  counts: BatchCounts,
): Promise<BatchSummary> {
  const summary = summaryOf(counts, { accepted: 0, notActivated: 0, waiting: 0, failed: [] })
  await proxies.writeLedger(batch, { batchId, summary })
  return summary
}
