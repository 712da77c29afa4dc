// Activates the staged events of a batch or of a redrive: sends its purchases to Segment, and hands what cannot be sent yet
// to the workflow `activateLater`.

import { type Activated, type ActivationRequest, summaryOf } from '#contracts'
import type { Activate } from './activation/activate.ts'
import type { HandOver } from './activation/hand-over.ts'
import { activatedOf, eventsWith } from './activation/summarise.ts'
import { acceptedOf, type BatchReader } from './read-batch.ts'
import type { WriteLedger } from './write-ledger.ts'

export type ActivateEventsDependencies = {
  readonly reader: BatchReader
  readonly activate: Activate
  readonly handOver: HandOver
  readonly writeLedger: WriteLedger
}

/**
 * Idempotent; see `createActivate`. Where the request has the counts of the batch, the ledger entry is written as well: an
 * activity of its own would be one billed action more for every batch.
 * @throws ApplicationFailure of the registry where no event is to blame
 */
export function createActivateEvents(deps: ActivateEventsDependencies) {
  const { reader, activate, handOver, writeLedger } = deps

  return async function activateEvents(
    batch: Uint8Array,
    { skip, counts, ...run }: ActivationRequest,
  ): Promise<Activated> {
    const { events, changed } = acceptedOf(reader.read(batch), skip)
    const isFirstPass = { takesCancellations: false, recordsWaiting: false }
    const { outcomes } = await activate(events, {
      batchId: run.batchId,
      ...isFirstPass,
      countsVersions: counts !== undefined,
    })
    await handOver(handOverId(run), eventsWith('waiting', outcomes))
    const activated = activatedOf(outcomes, changed)
    if (counts)
      await writeLedger(batch, { batchId: run.batchId, summary: summaryOf(counts, activated) })
    return activated
  }
}

/** A redrive may hand over the same events again. */
const handOverId = ({ batchId, attempt }: Pick<ActivationRequest, 'batchId' | 'attempt'>) =>
  attempt === undefined ? batchId : `${batchId}/${attempt}`
