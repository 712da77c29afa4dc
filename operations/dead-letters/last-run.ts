// What Temporal knows of the latest run of a dead letter.

import { type Client, WorkflowNotFoundError } from '@temporalio/client'

/** The key, in the memo of a run, of the number of its action on the dead letter. */
export const ATTEMPT = 'attempt'

export type LastRun = {
  readonly runId: string
  readonly attempt: number
  readonly isRunning: boolean
}

/** The run Temporal has under this id, or null where it has forgotten all of them. */
export async function lastRun(client: Client, id: string): Promise<LastRun | null> {
  try {
    const { runId, memo, status } = await client.workflow.getHandle(id).describe()
    const attempt = Number(memo?.[ATTEMPT] ?? 0)
    return { runId, attempt, isRunning: status.name === 'RUNNING' }
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return null
    throw error
  }
}
