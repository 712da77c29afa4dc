// Creates the activities of an erasure from their dependencies. The workflow imports only the type of the result.

import type { Client } from '@temporalio/client'
import type { PublicApi } from '#activation/segment/public-api'
import type { Person, PersonTraces } from '#contracts'
import type { ActivityMetrics } from '#runtime/metrics/groups'
import type { Changer } from '#warehouse/change'
import { erasePerson } from '#warehouse/erasure/erase-person'
import { findPerson } from '#warehouse/erasure/find-person'
import type { Reader } from '#warehouse/read'
import type { Warehouse } from '#warehouse/warehouse'
import { withHeartbeat } from '../with-heartbeat.ts'
import { createAskSegment } from './ask-segment.ts'
import { createCloseLetters } from './close-letters.ts'
import { createFindWaits } from './find-waits.ts'
import { createForgetRuns } from './forget-runs.ts'
import { createWriteReceipt } from './write-receipt.ts'

export type EraseDependencies = {
  readonly warehouse: Warehouse
  readonly read: Reader
  readonly change: Changer
  readonly temporal: Client
  readonly taskQueue: string
  /** Null where there is no token. */
  readonly publicApi: PublicApi | null
  readonly metrics: ActivityMetrics
}

export type EraseActivities = ReturnType<typeof createEraseActivities>

export function createEraseActivities(deps: EraseDependencies) {
  const { warehouse, read, change, temporal, taskQueue, publicApi, metrics } = deps
  return {
    findPersonRows: withHeartbeat((person: Person) => findPerson(read, person)),
    findPersonWaits: withHeartbeat(createFindWaits(temporal, read)),
    closePersonLetters: withHeartbeat(createCloseLetters({ client: temporal, read, taskQueue })),
    erasePersonRows: withHeartbeat((person: Person, traces: PersonTraces, salt: string) =>
      erasePerson({ read, change }, { person, traces, salt }),
    ),
    forgetPersonRuns: withHeartbeat(createForgetRuns(temporal, read)),
    askSegmentDeletion: withHeartbeat(createAskSegment(publicApi)),
    writeErasureReceipt: withHeartbeat(createWriteReceipt(warehouse, metrics)),
  }
}
