// Events a batch: what a bridge makes of its share of the rate, and the most it can.

import { MAX_BATCH_BYTES } from '#contracts'
import type { Measured } from './measured.ts'

/** `BRIDGE_BATCH_MAX_EVENTS` ends here. */
const MAX_BATCH_EVENTS = 2000

/** Events of the largest batch the bridge may be told to make of messages of this size. */
export function largestBatch({ eventBytes }: Measured): number {
  return Math.max(1, Math.min(MAX_BATCH_EVENTS, Math.floor(MAX_BATCH_BYTES / eventBytes)))
}

/**
 * Mean events a batch of a bridge that gathers `rate` events a second: as it was measured at the nearest rate, by
 * ratio, and in proportion, since a bridge gathers for as long whatever the rate. At least one. Pure.
 */
export function batchOf(measured: Measured, rate: number): number {
  const sizes = Object.entries(measured.eventsPerBatch).map(([at, size]) => ({
    at: Number(at),
    size,
  }))
  const distance = ({ at }: { readonly at: number }) => Math.abs(Math.log(at / rate))
  const [nearest] = sizes.toSorted((a, b) => distance(a) - distance(b))
  if (!nearest) throw new Error('No batch size was measured')
  return Math.round(
    Math.min(largestBatch(measured), Math.max(1, (nearest.size * rate) / nearest.at)),
  )
}
