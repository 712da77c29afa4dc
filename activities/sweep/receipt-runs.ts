// Lists the batches whose receipts are compared. Temporal's lists have the receipts as memos.

import { type Client, type WorkflowExecutionInfo, WorkflowNotFoundError } from '@temporalio/client'
import { type Progress, type Receipt, receiptIn, WORKFLOW } from '#contracts'
import { listEnded } from './ended-runs.ts'

export type ReceiptRun = {
  readonly workflowId: string
  readonly runId: string
  readonly receipt: Receipt
  readonly isOpen: boolean
}

export type ReceiptRuns = {
  readonly runs: readonly ReceiptRun[]
  readonly until: string
  readonly isMoreLeft: boolean
}

type Listed = Pick<WorkflowExecutionInfo, 'workflowId' | 'runId' | 'memo' | 'status'>

/** A run and its memo have a few hundred bytes. */
const MAX_ENDED = 2_000

/** About as many as a bridge keeps open. The receipts of the others are compared once they have ended. */
const MAX_OPEN = 2_000

const BATCHES = `WorkflowType = '${WORKFLOW.processBatch}'`

/** A batch that only waits for Segment has its search attribute Stage set, and has written its receipt. */
const OPEN = `${BATCHES} AND ExecutionStatus = 'Running' AND Stage IS NULL`

/**
 * Every batch with a receipt that ended in the span, or disagreed before, or is open since before `until`. A batch that
 * disagreed and that Temporal has deleted since is left out.
 * @throws ServiceError of Temporal's client where Temporal does not answer
 */
export async function findReceiptRuns(
  client: Client,
  last: Progress,
  until: string,
): Promise<ReceiptRuns> {
  const span = { from: last.until, until }
  const ended = await listEnded(
    client,
    `${BATCHES} AND ExecutionStatus != 'Running'`,
    span,
    MAX_ENDED,
  )
  const found: Listed[] = [...ended.runs]
  for (const { workflowId } of last.postponed) found.push(...(await latestOf(client, workflowId)))
  found.push(...(await listOpen(client, until)))
  const byId = new Map(found.flatMap(toReceiptRun).map((run) => [run.workflowId, run]))
  return { runs: [...byId.values()], until: ended.until, isMoreLeft: ended.isMoreLeft }
}

async function listOpen(client: Client, until: string): Promise<Listed[]> {
  const open: Listed[] = []
  for await (const run of client.workflow.list({ query: `${OPEN} AND StartTime < '${until}'` })) {
    open.push(run)
    if (open.length >= MAX_OPEN) break
  }
  return open
}

async function latestOf(client: Client, workflowId: string): Promise<Listed[]> {
  try {
    return [await client.workflow.getHandle(workflowId).describe()]
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return []
    throw error
  }
}

function toReceiptRun({ workflowId, runId, memo, status }: Listed): ReceiptRun[] {
  const receipt = receiptIn(memo)
  return receipt ? [{ workflowId, runId, receipt, isOpen: status.name === 'RUNNING' }] : []
}
