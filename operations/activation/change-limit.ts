// Pauses activation, lets it continue, and bounds its rate: all three are the limit of its task queue on the Temporal server.

import type { Client } from '@temporalio/client'
import { governedBy, type QueueLimit } from '#contracts'
import { readActivationQueue, type SetLimit, writeActivationLimit } from '#runtime/activation-queue'
import { checkWho, MAX_ACTOR, type Who } from '../dead-letters/who.ts'
import { OperationError } from '../errors.ts'
import { asked } from './temporal-problem.ts'

/** Where the limit is held: `taskQueue` is the main task queue of the pipeline. */
export type LimitPlace = { readonly client: Client; readonly taskQueue: string }

export type LimitChange = {
  /** False where the limit was as asked for already: nothing was written. */
  readonly isChanged: boolean
  readonly before: SetLimit
  readonly after: SetLimit
}

/** Stops all dispatch of activation until somebody resumes it. @throws OperationError */
export const pauseActivation = async (place: LimitPlace, who: Who): Promise<LimitChange> =>
  changeLimit(place, { perSecond: 0, ...limitBy(who) })

/** Lifts every limit. @throws OperationError */
export const resumeActivation = async (place: LimitPlace, who: Who): Promise<LimitChange> =>
  changeLimit(place, { perSecond: null, ...limitBy(who) })

export type Rate = {
  /** Calls of Segment a second, over all workers. */
  readonly calls: number
  readonly callsPerActivity: number
}

/**
 * The limit counts activities: it is `calls` divided by the calls that an activity makes.
 * @throws OperationError
 */
export async function limitActivation(
  place: LimitPlace,
  rate: Rate,
  who: Who,
): Promise<LimitChange> {
  const perSecond = rounded(rate.calls / rate.callsPerActivity)
  return changeLimit(place, { perSecond, ...limitBy(who) })
}

/** Four digits: Temporal stores a float of 32 bits. A limit is never rounded to zero, which would be a pause. */
const rounded = (perSecond: number) => Number(perSecond.toPrecision(4))

/** @throws OperationError `actor_invalid` also for a name by which the governor signs */
function limitBy(who: Who): Omit<QueueLimit, 'perSecond'> {
  const { actor, reason } = checkWho(who)
  if (governedBy(actor)) throw new OperationError('actor_invalid', { maxLength: MAX_ACTOR })
  return { reason, identity: actor }
}

async function changeLimit(
  { client, taskQueue }: LimitPlace,
  wanted: QueueLimit,
): Promise<LimitChange> {
  const before = await asked(readActivationQueue(client, taskQueue))
  if (isInEffect(before.limit, wanted)) return { isChanged: false, before, after: before }
  const after = await asked(writeActivationLimit(client, taskQueue, wanted))
  return { isChanged: true, before, after }
}

/** A rate that is worked out again differs a little as events come and go. */
const TOLERANCE = 0.1

/** Who set it first stays on record. There is nothing to lift where there is no limit, whatever the reason. */
function isInEffect(limit: QueueLimit, wanted: QueueLimit): boolean {
  if (governedBy(limit.identity)) return false
  if (wanted.perSecond === null || limit.perSecond === null) {
    return wanted.perSecond === limit.perSecond
  }
  const isAlike = Math.abs(limit.perSecond - wanted.perSecond) <= TOLERANCE * wanted.perSecond
  return isAlike && limit.reason === wanted.reason
}
