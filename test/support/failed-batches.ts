// Batches of which events fail, and the runs of the dead letters that they leave.

import { randomUUID } from 'node:crypto'
import type { Client } from '@temporalio/client'
import { type Message, TASK_QUEUE, WORKFLOW } from '#contracts'
import { encodeBatch } from '#contracts/batch-payload'
import { waitFor } from './wait-for.ts'

/** @param client of the Temporal that the batches run on, which is there when a batch is run */
export function failedBatchesOf(client: () => Client) {
  return {
    /** Runs a batch of these messages and waits for its dead letters: the id of that of `partner`. */
    fail: async (partner: string, ...messages: Message[]): Promise<string> => {
      const workflowId = `batch-${randomUUID()}`
      await client().workflow.execute(WORKFLOW.processBatch, {
        workflowId,
        taskQueue: TASK_QUEUE,
        args: [encodeBatch(messages)],
      })
      const query = `BatchId = '${workflowId}' AND ExecutionStatus = 'Failed' AND PartnerId = '${partner}'`
      const first = async () => {
        for await (const run of client().workflow.list({ query })) return run.workflowId
        return undefined
      }
      return waitFor(first, `the dead letter of ${partner}`)
    },
    /** The statuses of all runs of a workflow id. */
    runsOf: async (id: string): Promise<string[]> => {
      const statuses: string[] = []
      for await (const { status } of client().workflow.list({ query: `WorkflowId = '${id}'` }))
        statuses.push(status.name)
      return statuses
    },
  }
}
