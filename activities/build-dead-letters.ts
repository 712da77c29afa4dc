// Makes dead letters of the failed events of a batch: one for each partner, and one that all other partners share where there
// are many. A dead letter that is too large is split.

import {
  type BatchReason,
  countsOnce,
  type DeadEvent,
  type DeadLetter,
  describePartners,
  type EventFailure,
  isBatchReason,
  jsonBytes,
  MAX_DEAD_LETTER_BYTES,
  MAX_PARTNERS_APART,
  type ParseResult,
  type PartialIdentity,
  POISON,
  POISON_EXPECTED,
  partnerOf,
  REASONS,
  rankPartners,
  SEPARATOR_BYTES,
  SEVERAL_PARTNERS,
  type Stage,
  toCarriedWithin,
  toDeadEvent,
  type Violation,
} from '#contracts'
import { chunksOf } from '#runtime/chunks'
import { groupBy } from '#runtime/group-by'
import { type BatchMessage, isPoison, unread } from './read-batch.ts'

/** The brackets around the events count as well. */
const MAX_EVENTS_BYTES = MAX_DEAD_LETTER_BYTES - 2

/** One consent object can break the same rule a hundred thousand times; a person needs to see a few of the violations. */
const MAX_VIOLATIONS_PER_REASON = 10

/** The path has the keys of a partner's object, and a key may be as long as the message. */
const MAX_PATH = 256

const LIMITS = { maxItems: Number.POSITIVE_INFINITY, maxBytes: MAX_EVENTS_BYTES }

/** Where the dead letters come from. */
export type Origin = {
  readonly batchId: string
  readonly stage: Stage
  /** True where the messages must not be parsed: their dead letters have the reasons, and no details. */
  readonly isUnread?: boolean
}

type Failed = {
  readonly one: BatchMessage
  readonly failedEvent: EventFailure
  /** True where the violations of the parsed message may be shown, if it has any. */
  readonly hasViolations: boolean
}

/**
 * Pure: the same batch and failed events, in the same order, give the same dead letters, so that opening them again is a
 * no-op. There are `MAX_PARTNERS_APART` + 1 of them at most, and more only where one does not fit into
 * `MAX_DEAD_LETTER_BYTES`: a batch of 1.25 MB makes some 13 MB of readable JSON at most, nearly all of it violations.
 */
export function buildDeadLetters(
  messages: readonly BatchMessage[],
  failedEvents: readonly EventFailure[],
  { isUnread = false, ...of }: Origin,
): DeadLetter[] {
  const failed = failedEvents.flatMap((failedEvent): Failed[] => {
    const one = messages[failedEvent.index]
    // A message that was cut into parts is in one dead letter, with its first part.
    if (!one || !countsOnce(one.message)) return []
    const mustNotRead = isUnread || (of.stage === 'validation' && isPoison(failedEvent))
    return [{ one: mustNotRead ? unread(one) : one, failedEvent, hasViolations: !mustNotRead }]
  })
  const apart = partnersApart(failed.map(({ failedEvent }) => failedEvent.partnerId))
  const groups = groupBy(failed, ({ failedEvent: { partnerId } }) =>
    apart.has(partnerId) ? partnerId : SHARED,
  )
  return [...groups].flatMap(([partnerId, some]) => lettersOf(partnerId, some, of))
}

/** The key of the shared dead letter. It is no partner id, since those are strings. */
const SHARED = null

/** The partners that get a dead letter of their own. Where only one partner is left over, it gets its own as well. */
function partnersApart(partnerIds: readonly string[]): ReadonlySet<string> {
  const ranked = rankPartners(partnerIds).map(([partnerId]) => partnerId)
  const isRestAlone = ranked.length === MAX_PARTNERS_APART + 1
  return new Set(isRestAlone ? ranked : ranked.slice(0, MAX_PARTNERS_APART))
}

function lettersOf(partner: string | null, failed: readonly Failed[], of: Origin): DeadLetter[] {
  const partnerId = partner ?? SEVERAL_PARTNERS
  const events = failed.map((one) => eventOf(one, of.stage, partner === SHARED))
  return chunksOf(events, (event) => jsonBytes(event) + SEPARATOR_BYTES, LIMITS).map(
    (some, part) => {
      const whose = describePartners(some.map((event) => partnerOf({ partnerId }, event)))
      return { ...of, partnerId, whose, events: some, part }
    },
  )
}

function eventOf(
  { one, failedEvent, hasViolations }: Failed,
  stage: Stage,
  isShared: boolean,
): DeadEvent {
  const { message, parsed } = one
  const violations =
    parsed.accepted || !hasViolations
      ? failedEvent.reasons.map((reason) => refused(reason, stage))
      : someOfEach(parsed.violations)
  const partnerId = isShared ? failedEvent.partnerId : undefined
  const event = toDeadEvent(message, partialIdentityOf(parsed), violations, partnerId)
  const room = MAX_EVENTS_BYTES - jsonBytes(event)
  return { ...event, data: message.part ? null : toCarriedWithin(message.data, room) }
}

function partialIdentityOf(parsed: ParseResult): Omit<PartialIdentity, 'partnerId'> {
  if (!parsed.accepted) return parsed.identity
  const { type, event_id, order_id } = parsed.event
  return { type, eventId: event_id, orderId: order_id }
}

function someOfEach(violations: readonly Violation[]): Violation[] {
  const seen = new Map<string, number>()
  return violations
    .filter(({ reason }) => {
      const count = seen.get(reason) ?? 0
      seen.set(reason, count + 1)
      return count < MAX_VIOLATIONS_PER_REASON
    })
    .map((violation) => ({ ...violation, path: violation.path.slice(0, MAX_PATH).toWellFormed() }))
}

function refused(reason: string, stage: Stage): Violation {
  if (isBatchReason(reason)) return ended(reason)
  if (reason === POISON) return { reason, path: '', expected: POISON_EXPECTED, received: TOO_MUCH }
  if (stage === 'validation')
    return { reason, path: '', expected: REASONS[reason] ?? reason, received: NOT_SHOWN }
  const sink = stage === 'activation' ? 'Segment' : 'BigQuery'
  return { reason, path: '', expected: `an event ${sink} takes`, received: `refused by ${sink}` }
}

const TOO_MUCH = 'a message that a worker could not finish processing'
const NOT_SHOWN = 'not shown: a worker could not finish processing these events'

function ended(reason: BatchReason): Violation {
  const received = reason.replace(/^batch_/, '').replaceAll('_', ' ')
  return { reason, path: '', expected: 'a batch that completes', received }
}
