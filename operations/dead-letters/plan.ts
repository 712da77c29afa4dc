// Makes of an open dead letter, and what is to be changed about it, the batch a redrive carries.

import {
  MAX_INPUT_BYTES,
  MAX_MESSAGE_BYTES,
  MAX_PAYLOAD_BYTES,
  type Message,
  readEvent,
  reasonsOf,
} from '#contracts'
import { BatchTooLargeError, decodeBatch, encodeBatch } from '#contracts/batch-payload'
import { groupBy } from '#runtime/group-by'
import type { StoredEvent } from '#warehouse/sql/dead-letters'
import type { Change, Edit } from './edit.ts'
import { writeForColumn } from './exact-json.ts'
import { LetterError } from './letter-error.ts'
import type { OpenLetter } from './open-letters.ts'
import { shortId } from './short-id.ts'

export type Planned = {
  readonly letter: OpenLetter
  readonly messages: readonly Message[]
  /** What was changed, by message; null where nothing was. */
  readonly patch: string | null
  /** Indexes of events that are staged already. */
  readonly staged: readonly number[]
  readonly changed: ReadonlySet<string>
  /** True where the messages come out of a batch that could not be read. */
  readonly isUnaudited: boolean
}

/** Message ids that had the same change. */
type Changed = Change & { readonly messages: string[] }

/**
 * Pure.
 * @param redrivenAt the rule for times in the future is held against it
 * @throws UsageError where an event cannot be changed so
 * @throws LetterError where there is nothing of an event to send
 */
export function planRedrive(letter: OpenLetter, edit: Edit, redrivenAt: Date): Planned {
  const unreadable = letter.events.find(isWholeBatch)
  if (unreadable) return planUnreadable(letter, unreadable, edit, redrivenAt)
  const changes: { readonly messageId: string; readonly change: Change }[] = []
  const messages = letter.events.map((event): Message => {
    const edited = edit(event)
    if (edited) changes.push({ messageId: event.message_id, change: edited.change })
    return {
      messageId: event.message_id,
      publishTime: event.publish_time,
      redrivenAt: redrivenAt.toISOString(),
      attributes: event.attributes,
      data: edited?.data ?? event.data ?? missing(event),
    }
  })
  return {
    letter,
    messages,
    patch: changes.length > 0 ? writeForColumn(bySameChange(changes)) : null,
    staged: letter.events.flatMap(({ stage }, index) => (stage === 'activation' ? [index] : [])),
    changed: new Set(changes.map(({ messageId }) => messageId)),
    isUnaudited: false,
  }
}

/** The event that stands for a batch which could not be read; it is alone in its dead letter. */
const isWholeBatch = ({ message_id, batch_id }: StoredEvent) => message_id === batch_id

/** @throws LetterError where this version cannot read the batch either, or it is to be changed before it is read */
function planUnreadable(
  letter: OpenLetter,
  event: StoredEvent,
  edit: Edit,
  redrivenAt: Date,
): Planned {
  if (edit(event)) throw new LetterError(letter.id, NOT_EDITABLE)
  const messages = decodeOr(letter, event.data ?? missing(event)).map((message) => ({
    ...message,
    redrivenAt: redrivenAt.toISOString(),
  }))
  return { letter, messages, patch: null, staged: [], changed: new Set(), isUnaudited: true }
}

const NOT_EDITABLE =
  'its batch could not be read, so that there is nothing to edit yet. Redrive it as it is; what breaks the contract then stays open and can be edited.'

function decodeOr({ id }: OpenLetter, data: Uint8Array): Message[] {
  try {
    return decodeBatch(data)
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    throw new LetterError(
      id,
      `this version cannot read its batch either: ${why}. Redrive it with the version whose bridge wrote it, or discard it; its bytes stay in streaming.audit_log.`,
    )
  }
}

function bySameChange(
  changes: readonly { readonly messageId: string; readonly change: Change }[],
): Changed[] {
  const same = groupBy(changes, ({ change }) => JSON.stringify(change))
  return [...same.values()].flatMap((own) => {
    const [first] = own
    return first ? [{ messages: own.map(({ messageId }) => messageId), ...first.change }] : []
  })
}

function missing({ dead_letter_id, message_id }: StoredEvent): never {
  throw new LetterError(
    dead_letter_id,
    `the bytes of message ${message_id} are neither in streaming.dead_letter nor in streaming.audit_log. Give them with --events, or discard the dead letter.`,
  )
}

/** Who, why and when of a resolution, and the frame of its dead letter, take less beside what is counted here. */
const ROOM_FOR_WORDS = 16_384
const MAX_CARRIED_BYTES = MAX_INPUT_BYTES - ROOM_FOR_WORDS

/**
 * The batch of a redrive.
 * @throws LetterError where the events are too large to travel together, or with what was changed about them
 */
export function encodePlanned(planned: Planned): Uint8Array {
  const { letter, messages } = planned
  const large = messages.find(({ data }) => data.length > MAX_MESSAGE_BYTES)
  if (large) throw new LetterError(letter.id, tooLarge(large))
  const batch = encodeOr(planned, messages)
  refuseTooMuch(planned, batch.length)
  return batch
}

/**
 * A run carries its events, and what was changed about them.
 * @throws LetterError where there is no room for both
 */
export function refuseTooMuch(planned: Planned, eventBytes: number): void {
  const { patch } = planned
  // It travels as a text within JSON, where every quotation mark takes two bytes.
  const changes = patch === null ? 0 : Buffer.byteLength(JSON.stringify(patch))
  const bytes = eventBytes + changes
  if (bytes > MAX_CARRIED_BYTES) throw tooMuch(planned, bytes, MAX_CARRIED_BYTES)
}

function tooMuch({ letter, patch }: Planned, bytes: number, most: number): LetterError {
  const what = patch === null ? 'its events' : 'its events and what was changed about them'
  const next = patch === null ? MAKE_SMALLER : CORRECT_FEWER
  return new LetterError(
    letter.id,
    `${what} have ${count(bytes)} bytes, and a redrive carries ${count(most)}. ${next}`,
  )
}

function encodeOr(planned: Planned, messages: readonly Message[]): Uint8Array {
  try {
    return encodeBatch(messages)
  } catch (error) {
    if (!(error instanceof BatchTooLargeError)) throw error
    throw tooMuch(planned, error.bytes, MAX_PAYLOAD_BYTES)
  }
}

const tooLarge = ({ messageId, data }: Message) =>
  `message ${messageId} has ${count(data.length)} bytes, and an event may have ${count(MAX_MESSAGE_BYTES)}. ${MAKE_SMALLER}`

const MAKE_SMALLER =
  'Make what is too large smaller (show --export, then redrive --events), or discard the dead letter.'
const CORRECT_FEWER =
  'Correct fewer of them at once (what is not in the file is sent as it is, and stays open where it fails again), or make them smaller.'

const count = (bytes: number) => bytes.toLocaleString('en')

/** What a redrive would do with an event, by the contract as it is here and now. */
export type Forecast = {
  readonly dead_letter: string
  readonly message: string
  readonly stage: string
  readonly changed: boolean
  readonly would: 'stage and activate' | 'activate' | 'reject again' | 'drop as a repeat'
  readonly reasons: readonly string[]
}

/** Pure. A sink may refuse what the contract takes: that shows only when it is asked. */
export function forecast({ letter, messages, changed }: Planned): Forecast[] {
  const seen = new Set<string>()
  return messages.map((message, index) => {
    const reading = readEvent(message)
    const stage = letter.events[index]?.stage ?? 'validation'
    const about = {
      dead_letter: shortId(letter.id),
      message: message.messageId,
      stage,
      changed: changed.has(message.messageId),
    }
    if (!reading.accepted) return { ...about, would: 'reject again', reasons: reasonsOf(reading) }
    const { partner_id, type, event_id } = reading.event
    const identity = JSON.stringify([partner_id, type, event_id])
    if (seen.has(identity)) return { ...about, would: 'drop as a repeat', reasons: [] }
    seen.add(identity)
    const would = stage === 'activation' ? 'activate' : 'stage and activate'
    return { ...about, would, reasons: [] }
  })
}
