// Names that two processes must agree on: workflow types, task queues, the dataset. Workflows may import it.

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

/** The statuses of a run that ended without success, as Temporal's queries name them. */
export const ENDINGS = ['Failed', 'Terminated', 'TimedOut', 'Canceled'] as const
export type Ending = (typeof ENDINGS)[number]

/** The condition by which Temporal's queries find these runs. */
export const ENDED_WITHOUT_SUCCESS = `ExecutionStatus IN (${ENDINGS.map((ending) => `'${ending}'`).join(', ')})`

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
