// The counts of a batch, computed from the results of its steps. Imports nothing but types: workflows run it.

import type { Activated, BatchCounts, BatchSummary, Staged, ValidationResult } from './batch.ts'

/** The counts of a batch whose events are staged. */
export function countsOf(validation: ValidationResult, staged: Staged): BatchCounts {
  return {
    received: validation.received,
    accepted: validation.accepted,
    rejected: validation.received - validation.accepted - validation.duplicates.length,
    duplicates: validation.duplicates.length,
    stagedPurchase: staged.purchase,
    stagedCancellation: staged.cancellation,
    unstaged: staged.failed.length,
  }
}

/** The counts of a batch whose steps are done. */
export function summaryOf(
  { unstaged, ...counts }: BatchCounts,
  { accepted, notActivated, waiting, failed }: Activated,
): BatchSummary {
  return {
    ...counts,
    undeliverable: unstaged + failed.length,
    activated: accepted,
    notActivated,
    waiting,
  }
}
