// What an erasure has to wait for in Temporal: runs that may still write, or still hold, the events of the person.

import type { Client } from '@temporalio/client'
import { type PersonTraces, type Wait, WORKFLOW } from '#contracts'
import { openLettersOf, runsOfPerson } from '#runtime/runs-of-person'
import { type ListedRun, listRuns } from '#runtime/workflow-runs'
import type { Reader } from '#warehouse/read'
import { auditedAmong } from '#warehouse/sql/audited-among'
import { temporalFailure } from '../temporal-failure.ts'

/** A query of BigQuery's takes so many ids easily. */
const MAX_ASKED = 5_000

/**
 * Read-only. A batch that was started before the request, and that the audit log does not have yet, may have messages of the
 * person as well.
 * @throws ApplicationFailure of the registry
 */
export function createFindWaits(client: Client, read: Reader) {
  return async function findPersonWaits(
    requestedAt: string,
    { batches, letters }: Pick<PersonTraces, 'batches' | 'letters'>,
  ): Promise<Wait[]> {
    const [own, opening, before] = await ask(requestedAt, batches, letters)
    const unaudited = await unauditedOf(before.map(({ workflowId }) => workflowId))
    const ofBatches = new Set(own.ofBatches.filter(isOpen).map(({ workflowId }) => workflowId))
    for (const id of unaudited) ofBatches.add(id)
    const ofLetters = [...own.ofLetters.filter(isOpen), ...opening]
    const lettersRunning = new Set(ofLetters.map(({ workflowId }) => workflowId)).size
    const waits: Wait[] = [
      { code: 'batches_running', count: ofBatches.size },
      { code: 'dead_letters_running', count: lettersRunning },
    ]
    return waits.filter(({ count }) => count > 0)
  }

  async function ask(requestedAt: string, batches: readonly string[], letters: readonly string[]) {
    const query = `WorkflowType = '${WORKFLOW.processBatch}' AND ExecutionStatus = 'Running' AND StartTime < '${requestedAt}'`
    try {
      return await Promise.all([
        runsOfPerson(client, { batches, letters }),
        openLettersOf(client, batches),
        listRuns(client, query),
      ])
    } catch (error) {
      throw temporalFailure('Temporal did not list the runs of a person', error)
    }
  }

  async function unauditedOf(ids: readonly string[]): Promise<string[]> {
    if (ids.length === 0) return []
    const asked = ids.slice(0, MAX_ASKED)
    const audited = new Set((await read(auditedAmong(asked))).map(({ batch_id }) => batch_id))
    return [...asked.filter((id) => !audited.has(id)), ...ids.slice(MAX_ASKED)]
  }
}

const isOpen = ({ status }: ListedRun) => status === 'RUNNING'
