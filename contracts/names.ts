// Names that two processes must agree on: workflow types, workflow ids, task queues. Workflows may import it.

import type { Stage } from './batch.ts'
import { isPersonalPartner } from './personal-partner.ts'

export const TASK_QUEUE = 'events'

export const WORKFLOW = {
  processBatch: 'processBatch',
  activateLater: 'activateLater',
  deadLetter: 'deadLetter',
  sweep: 'sweep',
  governActivation: 'governActivation',
  eraseCustomer: 'eraseCustomer',
} as const

/** The workflow id of the erasure of a person, of whom it has a digest only. */
export const eraseId = (subject: string) => `erase/${subject}`

/** The Temporal Schedule that starts the sweep. */
export const SWEEP_SCHEDULE = 'dead-letter-sweep'

/** What activities send to the governor: a `SegmentReport`, and the question of what may be sent now. */
export const GOVERNOR_REPORT = 'segmentReport'
export const GOVERNOR_ADMISSION = 'admission'

/** The workflow id of the governor of an activation queue: there is one of them at a time. */
export const governorId = (taskQueue: string): string => `governor/${activationQueue(taskQueue)}`

/** The dataset of all tables. Its name is part of the contract with users: `SELECT * FROM streaming.staging_purchase`. */
export const DATASET = 'streaming'

/** The partner id where neither the event nor its message has one. */
export const UNKNOWN_PARTNER = 'unknown'

/** The value of the search attribute PartnerId of a dead letter that several partners share. */
export const SEVERAL_PARTNERS = '(several)'

/** The message attribute that names the partner when the event itself does not. */
export const PARTNER_ATTRIBUTE = 'partner_id'

/** Replaces a partner id that is personal. */
export const HIDDEN_PARTNER = 'hidden'

/** Characters of a partner id within a workflow id, for which Temporal's SQL visibility takes 255. */
const MAX_PARTNER_IN_ID = 120

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

/** A partner id as it may be used in ids and summaries: plain characters only, cut, and `hidden` where it is personal. */
export function printablePartner(partnerId: string): string {
  if (isPersonalPartner(partnerId)) return HIDDEN_PARTNER
  return partnerId.replace(/[^A-Za-z0-9._-]/g, '_').slice(0, MAX_PARTNER_IN_ID)
}

/**
 * Activation has a task queue of its own, so that it takes no slots from staging while Segment hangs.
 * @param taskQueue the task queue of the workflow
 */
export function activationQueue(taskQueue: string): string {
  return `${taskQueue}-activation`
}
