// Lets activities that wait for their next attempt start it at once.

import type { Client } from '@temporalio/client'
import { codeOf, GRPC } from '#runtime/status-codes'
import { oneLine } from '../google.ts'
import type { Stuck } from './diagnose.ts'

export type Hurried = {
  /** Activities that start their next attempt now. */
  readonly hurried: number
  readonly refusals: readonly HurryRefusal[]
}

/** Why Temporal refused some of them. */
export type HurryRefusal = {
  readonly code: 'server_too_old' | 'refused'
  /** What Temporal said. */
  readonly message: string
  readonly activities: number
}

/** Their attempts are counted anew; the progress they reported stays. Safe to repeat. */
export async function retryNow(client: Client, stuck: readonly Stuck[]): Promise<Hurried> {
  const refusals = new Map<string, HurryRefusal>()
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
      const grpcCode = codeOf(error)
      // The activity made progress or ended after it was found.
      if (grpcCode === GRPC.NOT_FOUND) continue
      // The server is older than 1.28.
      const code = grpcCode === GRPC.UNIMPLEMENTED ? 'server_too_old' : 'refused'
      const message = oneLine(error)
      const key = code === 'refused' ? message : code
      const activities = (refusals.get(key)?.activities ?? 0) + 1
      refusals.set(key, { code, message, activities })
    }
  }
  return { hurried, refusals: [...refusals.values()] }
}
