// Creates all activities from their dependencies. Workflows import only the type of the result.

import type { Client } from '@temporalio/client'
import type { Segment } from '#activation/segment/segment'
import type { ActivityMetrics } from '#runtime/metrics/groups'
import { NO_PARTNERS, type Partners } from '#runtime/partners/registry'
import type { Warehouse } from '#warehouse/warehouse'
import { createActivateEvents } from './activate-events.ts'
import { createActivateWaiting } from './activate-waiting.ts'
import { createActivate } from './activation/activate.ts'
import { createHandOver } from './activation/hand-over.ts'
import { createFindOpenRuns } from './activation/open-runs.ts'
import type { LookUpOrders } from './activation/order-look-up.ts'
import { createCountDecisions } from './count-decisions.ts'
import { createForgetFailedRuns } from './forget-failed-runs.ts'
import { createGovernorReport } from './governor/report.ts'
import { createKeepUnreadableBatch } from './keep-unreadable-batch.ts'
import { createOpenDeadLetters } from './open-dead-letters.ts'
import { type ChangeEvents, createPublishOrderChanges } from './publish-order-changes.ts'
import { type BatchReader, createBatchReader } from './read-batch.ts'
import { createRecordDeadLetter } from './record-dead-letter.ts'
import { createRecordFailedAgain } from './record-failed-again.ts'
import { createRecordResolution } from './record-resolution.ts'
import { createRejectPoison } from './reject-poison.ts'
import { createStageEvents } from './stage-events.ts'
import { countMessages, takeMessages } from './take-messages.ts'
import { createValidateEvents } from './validate-events.ts'
import { withHeartbeat } from './with-heartbeat.ts'
import { createWriteAuditLog } from './write-audit-log.ts'
import { createWriteLedger } from './write-ledger.ts'

export type Dependencies = {
  readonly warehouse: Warehouse
  readonly segment: Segment
  /** Reads what the tables have of the orders of events. */
  readonly lookUpOrders: LookUpOrders
  /** Starts the dead-letter workflows. */
  readonly temporal: Client
  readonly taskQueue: string
  /** The prefix of Segment message ids, which distinguishes them from those of other pipelines. */
  readonly segmentNamespace: string
  /** What is known about partners; absent where there is no registry. */
  readonly partners?: Partners
  /** Publishes change events; absent where they are off. */
  readonly changeEvents?: ChangeEvents
  readonly metrics: ActivityMetrics
}

export type Activities = ReturnType<typeof createActivities>

/** @param reader decodes batches; a benchmark without payloads passes its own */
export function createActivities(deps: Dependencies, reader: BatchReader = createBatchReader()) {
  const { warehouse, segment, temporal, taskQueue, segmentNamespace, metrics } = deps
  const partners = deps.partners ?? NO_PARTNERS
  const rules = { namespace: segmentNamespace, partners }
  const countDecisions = createCountDecisions(metrics, partners)
  const activate = createActivate({
    segment,
    warehouse,
    rules,
    metrics,
    governor: createGovernorReport(temporal, taskQueue),
    lookUp: deps.lookUpOrders,
    findOpenRuns: createFindOpenRuns(temporal),
  })
  const handOver = createHandOver(temporal, taskQueue)
  const changeEvents = deps.changeEvents ?? null
  const writeLedger = createWriteLedger(reader, warehouse, metrics)
  return {
    validateEvents: createValidateEvents(reader, countDecisions, changeEvents !== null),
    writeAuditLog: withHeartbeat(createWriteAuditLog(reader, warehouse, metrics)),
    stageEvents: withHeartbeat(createStageEvents(reader, warehouse, metrics)),
    activateEvents: withHeartbeat(
      createActivateEvents({ reader, activate, handOver, writeLedger }),
    ),
    activateWaiting: withHeartbeat(createActivateWaiting(reader, activate)),
    publishOrderChanges: withHeartbeat(createPublishOrderChanges(reader, changeEvents, metrics)),
    openDeadLetters: withHeartbeat(createOpenDeadLetters(reader, temporal, taskQueue, metrics)),
    keepUnreadableBatch: withHeartbeat(
      createKeepUnreadableBatch({ warehouse, client: temporal, taskQueue, metrics }),
    ),
    recordDeadLetter: withHeartbeat(createRecordDeadLetter(warehouse, metrics)),
    recordFailedAgain: withHeartbeat(createRecordFailedAgain(reader, warehouse, metrics)),
    recordHandling: withHeartbeat(createRecordResolution(warehouse, metrics)),
    forgetFailedRuns: withHeartbeat(createForgetFailedRuns(temporal)),
    countMessages,
    takeMessages,
    rejectPoison: createRejectPoison(reader, countDecisions),
    writeLedger: withHeartbeat(writeLedger),
  }
}
