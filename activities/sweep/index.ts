// The activities of the sweep, made of what they need. The sweep knows them by this type alone.

import type { Client } from '@temporalio/client'
import type { ActivityMetrics, SweepMetrics } from '#runtime/metrics'
import type { Reader } from '#warehouse/read'
import type { Warehouse } from '#warehouse/warehouse'
import { kept } from '../with-heartbeat.ts'
import { createCheckReceipts } from './check-receipts.ts'
import { createCompareDeadLetters } from './compare-dead-letters.ts'
import { type AlertOptions, createFindFlood } from './find-flood.ts'
import { createOpenEndedBatches } from './open-ended-batches.ts'
import { createPostAlert } from './post-alert.ts'
import { createRecordEndedLetters } from './record-ended-letters.ts'

export type SweepDependencies = {
  readonly warehouse: Warehouse
  readonly read: Reader
  readonly temporal: Client
  /** Of the dead letters it opens. */
  readonly taskQueue: string
  readonly alert: AlertOptions
  readonly metrics: ActivityMetrics & SweepMetrics
}

export type SweepActivities = ReturnType<typeof createSweepActivities>

export function createSweepActivities(deps: SweepDependencies) {
  const { warehouse, read, temporal, taskQueue, alert, metrics } = deps
  return {
    openEndedBatches: kept(
      createOpenEndedBatches({ client: temporal, warehouse, read, taskQueue, metrics }),
    ),
    recordEndedLetters: kept(createRecordEndedLetters(temporal, warehouse, read, metrics)),
    compareDeadLetters: kept(createCompareDeadLetters(temporal, read, metrics)),
    checkReceipts: kept(createCheckReceipts({ client: temporal, warehouse, read, metrics })),
    findFlood: kept(createFindFlood(read, alert)),
    postAlert: kept(createPostAlert(alert.webhookUrl, metrics)),
  }
}
