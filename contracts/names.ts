// Names that two processes must agree on: workflow types, workflow ids, task queues. Workflows may import it.

import type { Stage } from './batch.ts'
import { isPersonalPartner } from './personal-partner.ts'

export const TASK_QUEUE = 'events'

export const WORKFLOW = {
  processBatch: 'processBatch',
  deadLetter: 'deadLetter',
  sweep: 'sweep',
} as const

/** The Temporal Schedule that starts the sweep. */
export const SWEEP_SCHEDULE = 'dead-letter-sweep'

/** The dataset is part of the product's promise: `SELECT * FROM streaming.staging_purchase`. */
export const DATASET = 'streaming'

/** Where an event says nothing of its partner, and neither does its message. */
export const UNKNOWN_PARTNER = 'unknown'

/** The search attribute PartnerId of a dead letter that several partners share. */
export const SEVERAL_PARTNERS = '(several)'

/** The message attribute that names the partner when the event itself does not. */
export const PARTNER_ATTRIBUTE = 'partner_id'

/** What stands for a partner id that is personal. */
export const HIDDEN_PARTNER = 'hidden'

/** The longest workflow id Temporal's SQL visibility takes is 255 characters. */
const MAX_PARTNER_IN_ID = 120

/**
 * The workflow id of a dead letter: one per batch, partner and stage, `part` when it had to be split.
 * A partner id is free text of up to 256 characters, so it is made safe for a URL and cut; `digest` keeps it unique.
 * One that is personal reads `hidden`.
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
  return `dead-letter/${of.batchId}/${partner}-${of.digest}/${of.stage}${suffix}`
}

/**
 * The same, of a batch that ended before its time: beside the dead letters the batch itself opened, which have ids
 * of their own and hold other events.
 */
export function endedDeadLetterId(of: Parameters<typeof deadLetterId>[0]): string {
  const suffix = of.part === 0 ? '' : `/${of.part}`
  return `${deadLetterId({ ...of, part: 0 })}/ended${suffix}`
}

/** True for what `endedDeadLetterId` gives: no other part of an id can read so. */
export function isEndedDeadLetterId(id: string): boolean {
  return /\/ended(\/\d+)?$/.test(id)
}

/** A partner id as it may stand in ids and summaries: plain characters only, not too many, and `hidden` if personal. */
export function printablePartner(partnerId: string): string {
  if (isPersonalPartner(partnerId)) return HIDDEN_PARTNER
  return partnerId.replace(/[^A-Za-z0-9._-]/g, '_').slice(0, MAX_PARTNER_IN_ID)
}

/**
 * Activation has a task queue of its own, so that a Segment that hangs takes no place from staging.
 * @param taskQueue of the workflow
 */
export function activationQueue(taskQueue: string): string {
  return `${taskQueue}-activation`
}
