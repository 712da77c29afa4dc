// Validates every event of a batch, and returns by index which are accepted, rejected or duplicates.

import {
  countsOnce,
  createDuplicateFinder,
  type EventFailure,
  reasonsOf,
  type ValidationResult,
} from '#contracts'
import type { ActivityMetrics } from '#runtime/metrics'
import type { BatchReader } from './read-batch.ts'

/** Deterministic: the same batch always has the same result. */
export function createValidateEvents(reader: BatchReader, metrics: ActivityMetrics) {
  return async function validateEvents(batch: Uint8Array): Promise<ValidationResult> {
    const messages = reader.read(batch)
    const rejected: EventFailure[] = []
    const duplicates: number[] = []
    const isDuplicate = createDuplicateFinder()
    for (const { index, parsed } of messages) {
      if (!parsed.accepted) {
        const { partnerId } = parsed.identity
        rejected.push({ index, partnerId, reasons: reasonsOf(parsed) })
        continue
      }
      if (isDuplicate(parsed.event)) duplicates.push(index)
    }
    const received = messages.filter(({ message }) => countsOnce(message)).length
    const accepted = messages.length - rejected.length - duplicates.length
    metrics.eventsDecided.add(accepted, { decision: 'accepted' })
    metrics.eventsDecided.add(duplicates.length, { decision: 'duplicate' })
    metrics.eventsDecided.add(received - accepted - duplicates.length, { decision: 'rejected' })
    return { received, accepted, rejected, duplicates }
  }
}
