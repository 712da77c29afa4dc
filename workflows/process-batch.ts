// The way of a batch: validate, keep and stage, dead-letter what cannot go on, activate, close the books.

import { proxyActivities, workflowInfo } from '@temporalio/workflow'
import type { Activated, BatchSummary, Casualty, Stage, Staged, Verdict } from '#contracts/batch'
import type { Activities } from '../activities/index.ts'
import { activating, opening, reading, writing } from './policies.ts'

const { validateEvents } = proxyActivities<Activities>(reading)
const { writeAuditLog, stageEvents, writeLedger } = proxyActivities<Activities>(writing)
const { activateEvents } = proxyActivities<Activities>(activating)
const { openDeadLetters } = proxyActivities<Activities>(opening)

/**
 * Carries one batch from the bridge to its end. Completes when every event is staged, rejected or a
 * duplicate and the ledger says so; fails only by a defect, or after a week of failed retries.
 *
 * @param batch the bridge's bytes, handed on unread
 */
export async function processBatch(batch: Uint8Array): Promise<BatchSummary> {
  const batchId = workflowInfo().workflowId
  const deadLetter = async (stage: Stage, casualties: readonly Casualty[]) => {
    if (casualties.length > 0) await openDeadLetters(batch, { batchId, stage, casualties })
  }

  const verdict = await validateEvents(batch)
  const skip = [...indexes(verdict.rejected), ...verdict.duplicates]
  const [staged] = await allDone([
    stageEvents(batch, batchId, skip),
    writeAuditLog(batch, batchId, verdict.rejected),
  ])
  await deadLetter('validation', verdict.rejected)
  await deadLetter('staging', staged.failed)

  const unstaged = [...skip, ...indexes(staged.failed)]
  const activated = await activateEvents(batch, unstaged)
  await deadLetter('activation', activated.failed)

  const summary = summarise(verdict, staged, activated)
  await writeLedger(batch, { batchId, summary, skip: unstaged, activation: activated.groups })
  return summary
}

/** `Promise.all`, but a failure waits for the others: the audit log is written whatever becomes of staging. */
async function allDone<T extends readonly unknown[]>(steps: {
  [K in keyof T]: Promise<T[K]>
}): Promise<T> {
  await Promise.allSettled(steps)
  return Promise.all(steps)
}

const indexes = (casualties: readonly Casualty[]) => casualties.map(({ index }) => index)

function summarise(verdict: Verdict, staged: Staged, { groups, failed }: Activated): BatchSummary {
  const count = (outcome: string) =>
    groups
      .filter((group) => group.outcome === outcome)
      .reduce((total, group) => total + group.indexes.length, 0)
  return {
    received: verdict.received,
    accepted: verdict.accepted,
    rejected: verdict.rejected.length,
    duplicates: verdict.duplicates.length,
    stagedPurchase: staged.purchase,
    stagedCancellation: staged.cancellation,
    undeliverable: staged.failed.length + failed.length,
    activated: count('accepted'),
    notActivated: count('not_activated'),
  }
}
