// Activates events that have waited: cancellations, and purchases that could not be sent with their batch.

import type { ActivationRequest, WaitingActivated } from '#contracts'
import type { Activate } from './activation/activate.ts'
import { activatedOf, eventsWith } from './activation/summarise.ts'
import { acceptedOf, type BatchReader } from './read-batch.ts'

export type WaitingRequest = Pick<ActivationRequest, 'batchId' | 'skip'> & {
  /** True where it is recorded what the events wait for: once, when they are looked at for the first time. */
  readonly isFirst: boolean
}

/** Idempotent; see `createActivate`. @throws ApplicationFailure of the registry where no event is to blame */
export function createActivateWaiting(reader: BatchReader, activate: Activate) {
  return async function activateWaiting(
    batch: Uint8Array,
    { skip, batchId, isFirst }: WaitingRequest,
  ): Promise<WaitingActivated> {
    const { events, changed } = acceptedOf(reader.read(batch), skip)
    const run = {
      batchId,
      takesCancellations: true,
      recordsWaiting: isFirst,
      countsVersions: false,
    }
    const { outcomes, dueInSeconds } = await activate(events, run)
    const waiting = new Set(eventsWith('waiting', outcomes).map(({ index }) => index))
    const settled = [...events, ...changed]
      .map(({ index }) => index)
      .filter((index) => !waiting.has(index))
    const coolingOff = outcomes.filter(({ reason }) => reason === 'cooling_off').length
    return { ...activatedOf(outcomes, changed), settled, coolingOff, dueInSeconds }
  }
}
