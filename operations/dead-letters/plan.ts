// Makes of an open dead letter, and what is to be changed about it, the batch a redrive carries.

import { MAX_INPUT_BYTES, MAX_MESSAGE_BYTES, MAX_PAYLOAD_BYTES, type Message } from '#contracts'
import { BatchTooLargeError, decodeBatch, encodeBatch } from '#contracts/batch-payload'
import { groupBy } from '#runtime/group-by'
import type { StoredEvent } from '#warehouse/sql/dead-letter-stored-events'
import { LetterRefusedError } from '../errors.ts'
import type { Change, Edit } from './edit.ts'
import { writeForColumn } from './exact-json.ts'
import type { OpenLetter } from './open-letters.ts'

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
 * @param redrivenAt with which the rule for times in the future compares
 * @throws OperationError `patch_not_applicable`
 * @throws LetterRefusedError `bytes_missing`, `batch_not_editable` or `batch_unreadable`
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

/** Nothing of it can be changed before it is read. */
function planUnreadable(
  letter: OpenLetter,
  event: StoredEvent,
  edit: Edit,
  redrivenAt: Date,
): Planned {
  if (edit(event)) throw new LetterRefusedError('batch_not_editable', { letter: letter.id })
  const messages = decodeOr(letter, event.data ?? missing(event)).map((message) => ({
    ...message,
    redrivenAt: redrivenAt.toISOString(),
  }))
  return { letter, messages, patch: null, staged: [], changed: new Set(), isUnaudited: true }
}

function decodeOr({ id }: OpenLetter, data: Uint8Array): Message[] {
  try {
    return decodeBatch(data)
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    throw new LetterRefusedError('batch_unreadable', { letter: id, why })
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
  throw new LetterRefusedError('bytes_missing', { letter: dead_letter_id, messageId: message_id })
}

/** Who, why and when of a resolution, and the frame of its dead letter, take less than this in addition to what is counted here. */
const ROOM_FOR_WORDS = 16_384
const MAX_CARRIED_BYTES = MAX_INPUT_BYTES - ROOM_FOR_WORDS

/**
 * The batch of a redrive.
 * @throws LetterRefusedError `message_too_large` or `redrive_too_large`
 */
export function encodePlanned(planned: Planned): Uint8Array {
  const { letter, messages } = planned
  const large = messages.find(({ data }) => data.length > MAX_MESSAGE_BYTES)
  if (large) throw tooLarge(letter, large)
  const batch = encodeOr(planned, messages)
  refuseTooMuch(planned, batch.length)
  return batch
}

/**
 * A run carries its events, and what was changed about them.
 * @throws LetterRefusedError `redrive_too_large` where there is no room for both
 */
export function refuseTooMuch(planned: Planned, eventBytes: number): void {
  const { patch } = planned
  // It travels as a text within JSON, where every quotation mark takes two bytes.
  const changes = patch === null ? 0 : Buffer.byteLength(JSON.stringify(patch))
  const bytes = eventBytes + changes
  if (bytes > MAX_CARRIED_BYTES) throw tooMuch(planned, bytes, MAX_CARRIED_BYTES)
}

const tooMuch = ({ letter, patch }: Planned, bytes: number, limit: number) =>
  new LetterRefusedError('redrive_too_large', {
    letter: letter.id,
    isChanged: patch !== null,
    bytes,
    limit,
  })

function encodeOr(planned: Planned, messages: readonly Message[]): Uint8Array {
  try {
    return encodeBatch(messages)
  } catch (error) {
    if (!(error instanceof BatchTooLargeError)) throw error
    throw tooMuch(planned, error.bytes, MAX_PAYLOAD_BYTES)
  }
}

const tooLarge = ({ id }: OpenLetter, { messageId, data }: Message) =>
  new LetterRefusedError('message_too_large', {
    letter: id,
    messageId,
    bytes: data.length,
    limit: MAX_MESSAGE_BYTES,
  })
