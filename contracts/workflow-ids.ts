// The ids of workflows, and what an id tells. No workflow makes one.

import type { Stage } from './batch.ts'
import { printablePartner } from './names.ts'

/** The workflow id of the erasure of a person, of whom it has a digest only. */
export const eraseId = (subject: string) => `erase/${subject}`

const DEAD_LETTER = 'dead-letter/'

/** True for a result of `deadLetterId`. */
export const isDeadLetterId = (id: string) => id.startsWith(DEAD_LETTER)

/**
 * The workflow id of a dead letter: one for each batch, partner and stage, and for each split, whose number is `part`.
 * A partner id is free text of up to 256 characters, so it is made safe for a URL and cut; `digest` keeps it unique.
 * A personal partner id is replaced by `hidden`.
 */
export function deadLetterId(of: {
  batchId: string
  partnerId: string
  stage: Stage
  digest: string
  part: number
}): string {
  const partner = printablePartner(of.partnerId)
  const suffix = of.part === 0 ? '' : `/${of.part}`
  return `${DEAD_LETTER}${of.batchId}/${partner}-${of.digest}/${of.stage}${suffix}`
}

/**
 * The workflow id of events that wait before they are sent to Segment.
 * @param runId of the run that handed them over: a batch, or a redrive
 */
export const laterId = (runId: string, digest: string) => `${runId}/later-${digest}`

/** True for a result of `laterId`. */
export const isLaterId = (id: string) => runOf(id) !== id

/** The run whose events these are: events that wait belong to the run that handed them over. */
export const runOf = (batchId: string) => batchId.replace(/(\/\d+)?\/later-[0-9a-f]+$/, '')

/**
 * The workflow id of a dead letter of a batch that ended early. It differs from the ids of the dead letters that the batch itself
 * opened, which have other events.
 */
export function endedDeadLetterId(of: Parameters<typeof deadLetterId>[0]): string {
  const suffix = of.part === 0 ? '' : `/${of.part}`
  return `${deadLetterId({ ...of, part: 0 })}/ended${suffix}`
}

/** True for a result of `endedDeadLetterId`: no other id ends like that. */
export function isEndedDeadLetterId(id: string): boolean {
  return /\/ended(\/\d+)?$/.test(id)
}
