// The workflows as a careless change would leave them: a step less each. Histories recorded before must not replay with them.

import { ApplicationFailure, proxyActivities, sleep, workflowInfo } from '@temporalio/workflow'
import type { Activities } from '../../../activities/index.ts'
import type { SweepActivities } from '../../../activities/sweep/index.ts'
import { activatingNow, reading, sweeping } from '../../../workflows/policies.ts'

const { compareDeadLetters } = proxyActivities<SweepActivities>(sweeping)
const { validateEvents } = proxyActivities<Activities>(reading)
const { activateEvents } = proxyActivities<Activities>(activatingNow)

export async function processBatch(batch: Uint8Array): Promise<void> {
  const { duplicates } = await validateEvents(batch)
  await activateEvents(batch, { batchId: workflowInfo().workflowId, skip: duplicates })
}

export async function activateLater(): Promise<void> {
  await sleep('1 minute')
}

export async function deadLetter(): Promise<void> {
  throw ApplicationFailure.nonRetryable('the events are nowhere', 'dead_letter')
}

export async function sweep(): Promise<void> {
  await compareDeadLetters('2026-11-25T00:00:00Z')
}
