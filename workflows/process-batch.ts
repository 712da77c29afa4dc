// The way of a batch: validate, keep and stage, dead-letter what cannot go on, activate, write the ledger entry.

import { workflowInfo } from '@temporalio/workflow'
import { type BatchSummary, type EventFailure, type Stage, summaryOf } from '#contracts/batch'
import { receiptIn } from '#contracts/receipt'
import type { LedgerEntry } from '../activities/write-ledger.ts'
import { isOvertime } from './overtime.ts'
import { proxies } from './proxies.ts'
import {
  activateEvents,
  indexes,
  logActivations,
  stageEvents,
  validateEvents,
  writeAuditLog,
} from './steps.ts'
import { unreadIfNeeded } from './unread.ts'
import { isUnreadable, keepUnreadable } from './unreadable-batch.ts'

/**
 * Carries one batch from the bridge to its end. Completes when every event is staged, rejected or a
 * duplicate and the ledger says so; fails only by a defect, or after a week of failed retries.
 *
 * @param batch the bridge's bytes, handed on unread; where no worker can read them, they are one dead letter
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
  // Side by side: what is rejected shows at once, however long Segment is away.
  const [activated] = await allDone([activateEvents(batch, unstaged), deadLetterUnstaged()])
  await deadLetter('activation', activated.failed)

  const summary = summaryOf(validation, staged, activated)
  const entry = { batchId, summary, skip: unstaged, activation: activated.groups }
  await deadLetter('activation', await writeLedgerEntry(batch, entry))
  return summary
}

/** @returns the events whose outcome at Segment a worker cannot write down */
async function writeLedgerEntry(
  batch: Uint8Array,
  entry: LedgerEntry,
): Promise<readonly EventFailure[]> {
  try {
    await proxies.writeLedger(batch, entry)
    return []
  } catch (error) {
    if (!isOvertime(error)) throw error
    const failed = await logActivations(batch, entry)
    await proxies.writeLedger(batch, { ...entry, activation: [] })
    return failed
  }
}

/** `Promise.all`, but a failure waits for the others: the audit log is written whatever becomes of staging. */
async function allDone<T extends readonly unknown[]>(
  steps: {
    [K in keyof T]: Promise<T[K]>
  },
): Promise<T> {
  await Promise.allSettled(steps)
  return Promise.all(steps)
}
