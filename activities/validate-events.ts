// Validates every event of a batch, and returns by index which are accepted, rejected or duplicates.

import {
  countsOnce,
  duplicatesOf,
  type EventFailure,
  reasonsOf,
  type ValidationResult,
} from '#contracts'
import type { CountDecisions } from './count-decisions.ts'
import type { BatchEvent, BatchReader } from './read-batch.ts'

/**
 * Deterministic: the same batch always has the same result.
 * @param publishesChanges true where this worker publishes change events: the result tells the workflow, which has no configuration
 */
export function createValidateEvents(
  reader: BatchReader,
  countDecisions: CountDecisions,
  publishesChanges = false,
) {
  return async function validateEvents(batch: Uint8Array): Promise<ValidationResult> {
    const messages = reader.read(batch)
    const rejected: EventFailure[] = []
    const events: BatchEvent[] = []
    for (const { index, message, parsed } of messages) {
      if (parsed.accepted) events.push({ index, message, event: parsed.event })
      else {
        const { partnerId } = parsed.identity
        rejected.push({ index, partnerId, reasons: reasonsOf(parsed) })
      }
    }
    const duplicates = duplicatesOf(events)
    const received = messages.filter(({ message }) => countsOnce(message)).length
    const accepted = messages.length - rejected.length - duplicates.length
    countDecisions(messages, { rejected, duplicates })
    const result = { received, accepted, rejected, duplicates }
    return publishesChanges ? { ...result, publishesChanges } : result
  }
}
