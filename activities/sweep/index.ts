// Creates the activities of the sweep from their dependencies. The workflow imports only the type of the result.

import type { Client } from '@temporalio/client'
import type { ActivityMetrics, SweepMetrics } from '#runtime/metrics/groups'
import type { Reader } from '#warehouse/read'
import type { Warehouse } from '#warehouse/warehouse'
import { withHeartbeat } from '../with-heartbeat.ts'
import { createCheckReceipts } from './check-receipts.ts'
import { createCompareDeadLetters } from './compare-dead-letters.ts'
import { type AlertOptions, createFindAlert } from './find-alert.ts'
import { createOpenEndedBatches } from './open-ended-batches.ts'
import { createPostAlert } from './post-alert.ts'
import { createRecordEndedLetters } from './record-ended-letters.ts'

export type SweepDependencies = {
  readonly warehouse: Warehouse
  readonly read: Reader
  readonly temporal: Client
  /** The task queue of the dead letters that the sweep opens. */
  readonly taskQueue: string
  readonly alert: AlertOptions
  readonly metrics: ActivityMetrics & SweepMetrics
}

export type SweepActivities = ReturnType<typeof createSweepActivities>

export function createSweepActivities(deps: SweepDependencies) {
  const { warehouse, read, temporal, taskQueue, alert, metrics } = deps
  return {
    openEndedBatches: withHeartbeat(
      createOpenEndedBatches({ client: temporal, warehouse, read, taskQueue, metrics }),
    ),
    recordEndedLetters: withHeartbeat(createRecordEndedLetters(temporal, warehouse, read, metrics)),
    compareDeadLetters: withHeartbeat(createCompareDeadLetters(temporal, read, metrics)),
    checkReceipts: withHeartbeat(
      createCheckReceipts({ client: temporal, warehouse, read, metrics }),
    ),
    // Histories hold the name of this activity.
    findFlood: withHeartbeat(createFindAlert(read, alert)),
    postAlert: withHeartbeat(createPostAlert(alert.webhookUrl, metrics)),
  }
}
