// Records the events that failed again in a redrive. The rows of their earlier failures stay.

import { activityInfo } from '@temporalio/activity'
import {
  type EventFailure,
  type FailedEvent,
  MAX_EVENTS_WITH_VIOLATIONS,
  type Stage,
} from '#contracts'
import type { ActivityMetrics } from '#runtime/metrics/groups'
import type { Warehouse } from '#warehouse/warehouse'
import { appendAll } from './append-all.ts'
import { buildDeadLetters } from './build-dead-letters.ts'
import type { BatchReader } from './read-batch.ts'
import { toRow } from './record-dead-letter.ts'

export type FailuresAgain = {
  /** The batch in which the events were first processed. */
  readonly batchId: string
  readonly attempt: number
  /** True where a worker could not finish processing these events: their messages are recorded without being parsed. */
  readonly isUnread?: boolean
  readonly failures: readonly {
    readonly stage: Stage
    /** The failed events. Histories hold the name of this field. */
    readonly casualties: readonly EventFailure[]
  }[]
}

/**
 * Idempotent within the attempt. The rows have the bytes of the redrive, edited or not.
 * @returns the events, with every violation of the first events, and only the reasons of the others
 * @throws ApplicationFailure of the registry; also where BigQuery refuses a row, because no event may be lost
 */
export function createRecordFailedAgain(
  reader: BatchReader,
  warehouse: Warehouse,
  metrics: ActivityMetrics,
) {
  return async function recordFailedAgain(
    batch: Uint8Array,
    { batchId, attempt, isUnread = false, failures }: FailuresAgain,
  ): Promise<FailedEvent[]> {
    const messages = reader.read(batch)
    const data = new Map(messages.map(({ message }) => [message.messageId, message.data]))
    const failed = failures.flatMap(({ stage, casualties: failedEvents }) =>
      buildDeadLetters(messages, failedEvents, { batchId, stage, isUnread }).flatMap((letter) =>
        letter.events.map((event) => ({ letter, event })),
      ),
    )
    const id = activityInfo().workflowExecution?.workflowId ?? ''
    const rows = failed.map(({ letter, event }) =>
      toRow(id, { letter, event, data: data.get(event.messageId) ?? null, attempt }),
    )
    await appendAll({ warehouse, metrics }, 'dead_letter', rows)
    return failed.map(({ letter, event }, place) => {
      const { messageId, eventType, faults } = event
      const brief = { messageId, stage: letter.stage, eventType }
      return { ...brief, faults: place < MAX_EVENTS_WITH_VIOLATIONS ? faults : reasonsOnly(faults) }
    })
  }
}

const reasonsOnly = (violations: FailedEvent['faults']) =>
  [...new Set(violations.map(({ reason }) => reason))].map((reason) => ({
    reason,
    path: '',
    expected: '',
    received: '',
  }))
