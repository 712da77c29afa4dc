// The batches that Temporal has, read back from the input of their workflows.

import { type Client, WorkflowNotFoundError } from '@temporalio/client'
import type { Message } from '#contracts'
import { decodeBatch } from '#contracts/batch-payload'
import { waitFor } from './wait-for.ts'

export type StartedBatch = {
  readonly workflowId: string
  readonly type: string
  readonly messages: readonly Message[]
  readonly eventCount: unknown
}

/** Every batch that was started on this task queue, oldest first. */
export async function startedBatches(client: Client, taskQueue: string): Promise<StartedBatch[]> {
  const batches: StartedBatch[] = []
  for await (const run of client.workflow.list({ query: `TaskQueue = '${taskQueue}'` })) {
    const handle = client.workflow.getHandle(run.workflowId, run.runId)
    const { events = [] } = await handle.fetchHistory()
    const input = events?.[0]?.workflowExecutionStartedEventAttributes?.input?.payloads?.[0]?.data
    const eventCount = run.typedSearchAttributes
      .getAll()
      .find(({ key }) => key.name === 'EventCount')?.value
    batches.push({
      workflowId: run.workflowId,
      type: run.type,
      messages: decodeBatch(input ?? new Uint8Array()),
      eventCount,
    })
  }
  return batches.toReversed()
}

/** The same, once these messages are all among them; a message may be in several batches. */
export function batchesWith(
  client: Client,
  taskQueue: string,
  messageIds: readonly string[],
  limitMs?: number,
): Promise<StartedBatch[]> {
  const look = async () => {
    const batches = await startedBatches(client, taskQueue)
    const present = new Set(batches.flatMap(({ messages }) => messages.map((one) => one.messageId)))
    return messageIds.every((id) => present.has(id)) && batches
  }
  return waitFor(look, `${messageIds.length} messages to be in workflows`, limitMs)
}

/** Ends every workflow of this task queue, so that other tests do not count them. Another call may have ended some of them. */
export async function terminateAll(client: Client, taskQueue: string): Promise<void> {
  const query = `TaskQueue = '${taskQueue}' AND ExecutionStatus = 'Running'`
  for await (const { workflowId } of client.workflow.list({ query })) {
    await client.workflow.getHandle(workflowId).terminate('the test is over').catch(ignoreEnded)
  }
}

/** The list of running workflows lags behind. */
function ignoreEnded(error: unknown): void {
  if (!(error instanceof WorkflowNotFoundError)) throw error
}
