// Holds every event of a batch to the contract and says by index which go on.

import { type Casualty, countsOnce, digest, readEvent, reasonsOf, type Verdict } from '#contracts'
import type { ActivityMetrics } from '#runtime/metrics'
import { readMessages } from './read-batch.ts'

/** Pure: the same batch gets the same verdict whenever it is asked for. */
export function createValidateEvents(metrics: ActivityMetrics) {
  return async function validateEvents(batch: Uint8Array): Promise<Verdict> {
    const messages = readMessages(batch)
    const rejected: Casualty[] = []
    const duplicates: number[] = []
    const seen = new Set<string>()
    for (const [index, message] of messages.entries()) {
      const reading = readEvent(message)
      if (!reading.accepted) {
        const { partnerId } = reading.glimpse
        rejected.push({ index, partnerId, reasons: reasonsOf(reading) })
        continue
      }
      const { partner_id, type, event_id } = reading.event
      const identity = digest([partner_id, type, event_id])
      if (seen.has(identity)) duplicates.push(index)
      seen.add(identity)
    }
    const received = messages.filter(countsOnce).length
    const accepted = messages.length - rejected.length - duplicates.length
    metrics.eventsDecided.add(accepted, { decision: 'accepted' })
    metrics.eventsDecided.add(duplicates.length, { decision: 'duplicate' })
    metrics.eventsDecided.add(received - accepted - duplicates.length, { decision: 'rejected' })
    return { received, accepted, rejected, duplicates }
  }
}
