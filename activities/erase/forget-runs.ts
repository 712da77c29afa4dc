// Deletes from Temporal the closed runs that hold the events of a person in clear.

import type { Client } from '@temporalio/client'
import {
  type ForgottenRuns,
  NO_RUNS,
  type PersonTraces,
  type SweepResult,
  WORKFLOW,
} from '#contracts'
import { groupBy } from '#runtime/group-by'
import { runsOfPerson } from '#runtime/runs-of-person'
import {
  deleteRun,
  isRunEncrypted,
  type ListedRun,
  listRuns,
  retentionMs,
} from '#runtime/workflow-runs'
import type { Reader } from '#warehouse/read'
import { openLetterEvents } from '#warehouse/sql/open-letter-events'
import { temporalFailure } from '../temporal-failure.ts'

/**
 * Idempotent. Open runs are left, and so is the latest run of a dead letter in which events of others are open: the erasure has
 * started that run, without any event. A batch that ended early is left until the sweep has recorded its events, which may be
 * nowhere else.
 * @throws ApplicationFailure of the registry
 */
export function createForgetRuns(client: Client, read: Reader) {
  return async function forgetPersonRuns(traces: PersonTraces): Promise<ForgottenRuns> {
    const { letters } = traces
    const open = letters.length > 0 ? await read(openLetterEvents(letters)) : []
    const stillOpen = new Set(open.map(({ dead_letter_id }) => dead_letter_id))
    try {
      const { ofBatches, ofLetters } = await runsOfPerson(client, traces)
      const isSwept = await sweptBy(client, ofBatches)
      const closed = ofBatches.filter(isClosed)
      const swept = closed.filter(isSwept)
      const forgotten = await forgetAll([...swept, ...closedLetterRuns(ofLetters, stillOpen)])
      return { ...forgotten, notSwept: closed.length - swept.length }
    } catch (error) {
      throw temporalFailure('Temporal did not delete the runs of a person', error)
    }
  }

  async function forgetAll(runs: readonly ListedRun[]): Promise<ForgottenRuns> {
    const encrypted: ListedRun[] = []
    let deleted = 0
    for (const run of runs) {
      if (await isRunEncrypted(client, run)) encrypted.push(run)
      else {
        await deleteRun(client, run)
        deleted += 1
      }
    }
    if (encrypted.length === 0) return { ...NO_RUNS, deleted }
    const closedAt = Math.max(...encrypted.map(({ closeTime }) => closeTime?.getTime() ?? 0))
    const keptUntil = new Date(closedAt + (await retentionMs(client))).toISOString()
    return { ...NO_RUNS, deleted, encrypted: encrypted.length, keptUntil }
  }
}

const isClosed = ({ status }: ListedRun) => status !== 'RUNNING'

function closedLetterRuns(runs: readonly ListedRun[], open: ReadonlySet<string>): ListedRun[] {
  return [...groupBy(runs, ({ workflowId }) => workflowId)].flatMap(([id, own]) => {
    const byStart = own.toSorted((a, b) => a.startTime.getTime() - b.startTime.getTime())
    return (open.has(id) ? byStart.slice(0, -1) : byStart).filter(isClosed)
  })
}

const isComplete = ({ status }: ListedRun) =>
  status === 'COMPLETED' || status === 'CONTINUED_AS_NEW'

/** Runs that completed have recorded everything themselves. */
async function sweptBy(client: Client, runs: readonly ListedRun[]) {
  if (runs.filter(isClosed).every(isComplete)) return isComplete
  const last = await lastSweep(client)
  const until = Date.parse(last?.batches.until ?? '')
  const postponed = new Set(last?.batches.postponed.map(({ runId }) => runId))
  return (run: ListedRun) =>
    isComplete(run) || (Number(run.closeTime) < until && !postponed.has(run.runId))
}

async function lastSweep(client: Client): Promise<SweepResult | undefined> {
  const query = `WorkflowType = '${WORKFLOW.sweep}' AND ExecutionStatus = 'Completed'`
  const sweeps = await listRuns(client, query)
  const last = sweeps.toSorted((a, b) => Number(b.closeTime) - Number(a.closeTime))[0]
  if (!last) return undefined
  return client.workflow.getHandle<() => Promise<SweepResult>>(last.workflowId, last.runId).result()
}
