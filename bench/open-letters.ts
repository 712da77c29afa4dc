// What of dead letters and batches is in Temporal, as its lists show it.

import { setTimeout as sleep } from 'node:timers/promises'
import { WORKFLOW } from '#contracts'
import { monotonicMs } from '#runtime/clock'
import type { Rig } from './rig.ts'

export type OpenLetter = {
  readonly batchId: string
  readonly partnerId: string
  readonly events: number
}

export type Since = { readonly taskQueue: string; readonly since: Date }

type Listed = Pick<Rig, 'temporal'>

/** Longer than it takes to record what is under way. */
const OPEN_WITHIN_MS = 60_000

/**
 * Waits until the dead letters opened since then hold at least so many events.
 * @throws Error where they never do
 */
export async function openLetters(
  rig: Listed,
  { events, ...since }: Since & { readonly events: number },
): Promise<OpenLetter[]> {
  const until = monotonicMs() + OPEN_WITHIN_MS
  for (;;) {
    const letters = await listOpen(rig, since)
    const held = eventsOf(letters)
    if (held >= events) return letters
    if (monotonicMs() > until)
      throw new Error(`Temporal holds ${held} of ${events} events in open dead letters`)
    await sleep(250)
  }
}

export const eventsOf = (letters: readonly OpenLetter[]): number =>
  letters.reduce((sum, { events }) => sum + events, 0)

async function listOpen({ temporal }: Listed, since: Since): Promise<OpenLetter[]> {
  const query = `${startedSince('deadLetter', since)} AND ExecutionStatus = 'Failed'`
  const letters: OpenLetter[] = []
  for await (const { searchAttributes } of temporal.workflow.list({ query }))
    letters.push({
      batchId: String(searchAttributes['BatchId']?.[0]),
      partnerId: String(searchAttributes['PartnerId']?.[0]),
      events: Number(searchAttributes['EventCount']?.[0]),
    })
  return letters
}

/** Batches started since then. */
export async function countBatches({ temporal }: Listed, since: Since): Promise<number> {
  return (await temporal.workflow.count(startedSince('processBatch', since))).count
}

const startedSince = (type: keyof typeof WORKFLOW, { taskQueue, since }: Since) =>
  `WorkflowType = '${WORKFLOW[type]}' AND TaskQueue = '${taskQueue}' AND StartTime >= '${since.toISOString()}'`
