// Validates every event of a batch, and returns by index which are accepted, rejected or duplicates.

import {
  countsOnce,
  duplicatesOf,
  type EventFailure,
  reasonsOf,
  type ValidationResult,
} from '#contracts'
import type { ActivityMetrics } from '#runtime/metrics'
import type { BatchEvent, BatchReader } from './read-batch.ts'

/** Deterministic: the same batch always has the same result. */
export function createValidateEvents(reader: BatchReader, metrics: ActivityMetrics) {
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
    metrics.eventsDecided.add(accepted, { decision: 'accepted' })
    metrics.eventsDecided.add(duplicates.length, { decision: 'duplicate' })
    metrics.eventsDecided.add(received - accepted - duplicates.length, { decision: 'rejected' })
    return { received, accepted, rejected, duplicates }
  }
}
