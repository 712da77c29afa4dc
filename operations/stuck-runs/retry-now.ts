// Makes activities that wait for their next attempt go at once.

import type { Client } from '@temporalio/client'
import { oneLine } from '../google.ts'
import type { Stuck } from './diagnose.ts'

export type Hurried = {
  readonly hurried: number
  /** Why the others could not be, by how many times it was said. */
  readonly refusals: ReadonlyMap<string, number>
}

/** Gone on or ended since it was found: nothing to hurry. */
const GRPC_NOT_FOUND = 5
const GRPC_UNIMPLEMENTED = 12

/** Their attempts are counted anew; what they told of their progress stays. Safe to repeat. */
export async function retryNow(client: Client, stuck: readonly Stuck[]): Promise<Hurried> {
  const refusals = new Map<string, number>()
  let hurried = 0
  for (const { id, run_id, waiting_activity_id } of stuck) {
    if (waiting_activity_id === null) continue
    try {
      await client.workflowService.resetActivity({
        namespace: client.options.namespace,
        execution: { workflowId: id, runId: run_id },
        identity: 'dlq retry-stuck',
        id: waiting_activity_id,
        keepPaused: true,
      })
      hurried += 1
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? error.code : undefined
      if (code === GRPC_NOT_FOUND) continue
      const why = code === GRPC_UNIMPLEMENTED ? TOO_OLD : oneLine(error)
      refusals.set(why, (refusals.get(why) ?? 0) + 1)
    }
  }
  return { hurried, refusals }
}

const TOO_OLD =
  'this Temporal server cannot reset activities (it is older than 1.28): they go on by themselves at their next attempt'
