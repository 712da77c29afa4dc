// Lists the runs of workflows, tells whether Temporal stores them encrypted, and deletes them.

import { type Client, WorkflowNotFoundError } from '@temporalio/client'
import type { RunId } from '#contracts'
import { isEncrypted } from './payload-codec.ts'
import { codeOf, GRPC } from './status-codes.ts'

export type ListedRun = RunId & {
  /** Temporal's word: RUNNING, COMPLETED, FAILED, TERMINATED, TIMED_OUT, CANCELLED, CONTINUED_AS_NEW. */
  readonly status: string
  readonly startTime: Date
  /** Undefined while the run is open. */
  readonly closeTime: Date | undefined
}

/** @throws ServiceError where Temporal does not answer, or refuses the query */
export async function listRuns(client: Client, query: string): Promise<ListedRun[]> {
  const runs: ListedRun[] = []
  for await (const { workflowId, runId, status, startTime, closeTime } of client.workflow.list({
    query,
  }))
    runs.push({ workflowId, runId, status: status.name, startTime, closeTime })
  return runs
}

/** Within a query: quotes are the only characters that end a text. */
export const quoted = (text: string) => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`

/** True where the input of the run is encrypted, and so everything that it passes on. False where Temporal has deleted it. */
export async function isRunEncrypted(client: Client, run: RunId): Promise<boolean> {
  try {
    const { history } = await client.workflowService.getWorkflowExecutionHistory({
      namespace: client.options.namespace,
      execution: run,
      maximumPageSize: 1,
    })
    const started = history?.events?.[0]?.workflowExecutionStartedEventAttributes
    const payloads = started?.input?.payloads ?? []
    return payloads.length > 0 && payloads.every(isEncrypted)
  } catch (error) {
    if (isGone(error)) return false
    throw error
  }
}

/** Idempotent. Temporal lists the run for a short while longer. */
export async function deleteRun(client: Client, run: RunId): Promise<void> {
  const { namespace } = client.options
  try {
    await client.workflowService.deleteWorkflowExecution({ namespace, workflowExecution: run })
  } catch (error) {
    if (!isGone(error)) throw error
  }
}

const isGone = (error: unknown) =>
  error instanceof WorkflowNotFoundError || codeOf(error) === GRPC.NOT_FOUND

/** How long Temporal keeps closed runs, in milliseconds. */
export async function retentionMs(client: Client): Promise<number> {
  const { namespace } = client.options
  const { config } = await client.workflowService.describeNamespace({ namespace })
  return Number(config?.workflowExecutionRetentionTtl?.seconds ?? 0) * 1000
}
