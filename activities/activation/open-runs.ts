// Which runs are open that staged events of the same orders long ago and have recorded no outcome: a pause may have lasted for weeks.

import type { Client } from '@temporalio/client'
import { NO_FACTS } from '#activation/order/facts'
import { unsettledRuns } from '#activation/order/in-progress'
import { runOf } from '#contracts'
import { chunksOf } from '#runtime/chunks'
import { listRuns, quoted } from '#runtime/workflow-runs'
import type { BatchEvent } from '../read-batch.ts'
import { temporalFailure } from '../temporal-failure.ts'
import type { FactsByOrder } from './order-look-up.ts'
import { orderOf } from './plan-calls.ts'

/** @throws ApplicationFailure `temporal_unavailable` or `temporal_setup` */
export type FindOpenRuns = (runIds: ReadonlySet<string>) => Promise<ReadonlySet<string>>

/** A query of Temporal's has a limited length. */
const IDS_A_QUERY = { maxItems: 10, maxBytes: 10 }

/** Nothing is asked where there are no runs. Events of a run that wait in a workflow of their own belong to the run. */
export function createFindOpenRuns(client: Client): FindOpenRuns {
  const listOpen = async (runIds: readonly string[]) => {
    const ids = runIds.map(
      (id) => `WorkflowId = ${quoted(id)} OR WorkflowId STARTS_WITH ${quoted(`${id}/`)}`,
    )
    return listRuns(client, `ExecutionStatus = 'Running' AND (${ids.join(' OR ')})`)
  }
  return async (runIds) => {
    const open = new Set<string>()
    try {
      for (const some of chunksOf(runIds, () => 1, IDS_A_QUERY))
        for (const { workflowId } of await listOpen(some)) open.add(runOf(workflowId))
    } catch (error) {
      throw temporalFailure('Temporal did not list the runs of an order', error)
    }
    return open
  }
}

/** The other runs about which has to be asked before the orders of these events are planned; usually none. */
export function runsInQuestion(
  events: readonly BatchEvent[],
  facts: FactsByOrder,
  { batchId, nowMs }: { readonly batchId: string; readonly nowMs: number },
): ReadonlySet<string> {
  const orders = new Set(events.map(orderOf))
  const ownRunId = runOf(batchId)
  return new Set(
    [...orders].flatMap((order) => unsettledRuns(facts.get(order) ?? NO_FACTS, ownRunId, nowMs)),
  )
}
