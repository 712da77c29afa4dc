// The way of a batch that no worker can read: its bytes are kept, and one dead letter waits for a version that reads it.

import {
  ActivityFailure,
  ApplicationFailure,
  type WorkflowInfo,
  workflowInfo,
} from '@temporalio/workflow'
import type { BatchSummary } from '#contracts/batch'
import { UNREADABLE_FAILURE } from '#contracts/failures'
import { type Receipt, receiptIn } from '#contracts/receipt'
import { ATTRIBUTE_KEY } from '#contracts/search-attributes'
import { proxies } from './proxies.ts'

/** True where a step failed because the batch is not what its worker reads. */
export function isUnreadable(error: unknown): boolean {
  return causeOf(error)?.type === UNREADABLE_FAILURE
}

/** @param error for which `isUnreadable` is true */
export async function keepUnreadable(batch: Uint8Array, error: unknown): Promise<BatchSummary> {
  const info = workflowInfo()
  const { summary } = await proxies.keepUnreadableBatch(batch, {
    batchId: info.workflowId,
    receipt: receiptIn(info.memo) ?? countedBySearchAttributes(info),
    why: causeOf(error)?.message ?? '',
  })
  return summary
}

/** An older bridge gave no receipt, but counted its messages. */
function countedBySearchAttributes({ typedSearchAttributes, startTime }: WorkflowInfo): Receipt {
  const oldest = typedSearchAttributes.get(ATTRIBUTE_KEY.oldestEventAt) ?? startTime
  const messages = typedSearchAttributes.get(ATTRIBUTE_KEY.eventCount) ?? 1
  return { digest: null, days: [{ oldest: oldest.toISOString(), messages }] }
}

function causeOf(error: unknown): ApplicationFailure | undefined {
  const cause = error instanceof ActivityFailure ? error.cause : error
  return cause instanceof ApplicationFailure ? cause : undefined
}
