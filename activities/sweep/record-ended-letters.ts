// Records the events of dead letters whose workflows ended before they recorded them.

import type { Client } from '@temporalio/client'
import { type Progress, partnerOf, type Swept, WORKFLOW } from '#contracts'
import type { ActivityMetrics } from '#runtime/metrics/groups'
import type { Reader } from '#warehouse/read'
import { recordedEvents } from '#warehouse/sql/recorded-events'
import type { Warehouse } from '#warehouse/warehouse'
import { createRecordDeadLetter } from '../record-dead-letter.ts'
import { publishSpan } from './publish-span.ts'
import { readLetter } from './read-letter.ts'
import { type Step, sweepRuns } from './sweep-runs.ts'

/**
 * Idempotent: events that the table has are not written again.
 * @throws ApplicationFailure `temporal_unavailable` or `temporal_setup` where Temporal does not list its runs
 */
export function createRecordEndedLetters(
  client: Client,
  warehouse: Warehouse,
  read: Reader,
  metrics: ActivityMetrics,
) {
  const record = createRecordDeadLetter(warehouse, metrics)

  const handle: Step['handle'] = async (run, _status, tell) => {
    const letter = await readLetter(client, run)
    // The input of a redrive shows as much as it has room for.
    if (letter.events.length === 0) return
    const partners = [...new Set(letter.events.map((event) => partnerOf(letter, event)))]
    const params = { id: run.workflowId, partners }
    const span = publishSpan(letter.events)
    const [recorded] = await read(recordedEvents({ ...params, ...span }))
    const messages = new Set(letter.events.map(({ messageId }) => messageId))
    if (recorded && recorded.events >= messages.size) return
    await record(run.workflowId, letter)
    tell(letter)
  }

  const step = {
    client,
    types: [WORKFLOW.deadLetter],
    endings: ['Terminated', 'TimedOut', 'Canceled'],
    handle,
  } as const
  return async function recordEndedLetters(last: Progress, until: string): Promise<Swept> {
    return sweepRuns(step, last, until)
  }
}
