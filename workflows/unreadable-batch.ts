// Handles a batch that no worker can read: its bytes are kept, and one dead letter waits for a version that reads them.

import {
  ActivityFailure,
  ApplicationFailure,
  type WorkflowInfo,
  workflowInfo,
} from '@temporalio/workflow'
import type { BatchSummary } from '#contracts/batch'
import { UNREADABLE_FAILURE } from '#contracts/failure-types'
import { type Receipt, receiptIn } from '#contracts/receipt'
import { ATTRIBUTE_KEY } from '#contracts/search-attributes'
import { proxies } from './proxies.ts'

/** True where a step failed because its worker cannot read the batch. */
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

/** The receipt for a batch of an older bridge, which wrote the number of messages into a search attribute only. */
function countedBySearchAttributes({ typedSearchAttributes, startTime }: WorkflowInfo): Receipt {
  const oldest = typedSearchAttributes.get(ATTRIBUTE_KEY.oldestEventAt) ?? startTime
  const messages = typedSearchAttributes.get(ATTRIBUTE_KEY.eventCount) ?? 1
  return { digest: null, days: [{ oldest: oldest.toISOString(), messages }] }
}

function causeOf(error: unknown): ApplicationFailure | undefined {
  const cause = error instanceof ActivityFailure ? error.cause : error
  return cause instanceof ApplicationFailure ? cause : undefined
}
