// The steps that batches and dead letters have in common, each tried beside its workflow first.

import { defineSearchAttributeKey, SearchAttributeType } from '@temporalio/common'
import {
  ActivityFailure,
  proxyActivities,
  proxyLocalActivities,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow'
import type { Activated, Casualty } from '#contracts/batch'
import { activationQueue } from '#contracts/names'
import type { Activities } from '../activities/index.ts'
import { localFirst } from './local-first.ts'
import { activatingLater, activatingNow, firstAttempt, reading, writing } from './policies.ts'

const STAGE = defineSearchAttributeKey('Stage', SearchAttributeType.KEYWORD)

const beside = proxyLocalActivities<Activities>(firstAttempt)
const write = proxyActivities<Activities>(writing)

export const validateEvents = localFirst(
  beside.validateEvents,
  proxyActivities<Activities>(reading).validateEvents,
)
export const writeAuditLog = localFirst(beside.writeAuditLog, write.writeAuditLog)
export const stageEvents = localFirst(beside.stageEvents, write.stageEvents)
export const activateEvents = localFirst(beside.activateEvents, activatePatiently)

/**
 * A few attempts at once; where Segment is away, the batch says so in its search attribute Stage and goes on
 * trying for days. The bridge does not count such a batch as open: its events are staged.
 */
async function activatePatiently(batch: Uint8Array, skip: readonly number[]): Promise<Activated> {
  const taskQueue = activationQueue(workflowInfo().taskQueue)
  try {
    return await proxyActivities<Activities>({ ...activatingNow, taskQueue }).activateEvents(
      batch,
      skip,
    )
  } catch (error) {
    if (!isExhausted(error)) throw error
    upsertSearchAttributes([{ key: STAGE, value: 'activation' }])
    return proxyActivities<Activities>({ ...activatingLater, taskQueue }).activateEvents(
      batch,
      skip,
    )
  }
}

/** True where retries were left off, not where the failure is one no retry can mend. */
function isExhausted(error: unknown): boolean {
  return error instanceof ActivityFailure && error.retryState !== 'NON_RETRYABLE_FAILURE'
}

export const indexes = (casualties: readonly Casualty[]) => casualties.map(({ index }) => index)
