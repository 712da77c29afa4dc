// Makes of an open dead letter, and what is to be changed about it, the batch a redrive carries.

import {
  MAX_MESSAGE_BYTES,
  MAX_PAYLOAD_BYTES,
  type Message,
  readEvent,
  reasonsOf,
} from '#contracts'
import { encodeBatch } from '#runtime/batch-payload'
import { groupBy } from '#runtime/group-by'
import { UsageError } from '../environment.ts'
import type { Change, Edit } from './edit.ts'
import { writeForColumn } from './exact-json.ts'
import { type OpenLetter, toDeadLetter } from './open-letters.ts'
import { shortId } from './short-id.ts'
import type { StoredEvent } from './store.ts'

export type Planned = {
  readonly letter: OpenLetter
  readonly messages: readonly Message[]
  /** What was changed, by message; null where nothing was. */
  readonly patch: string | null
  /** Indexes of events that are staged already. */
  readonly staged: readonly number[]
  readonly changed: ReadonlySet<string>
}

/** Message ids that had the same change. */
type Changed = Change & { readonly messages: string[] }

/**
 * Pure.
 * @throws UsageError where an event cannot be changed so, or there is nothing of it to send
 */
export function planRedrive(letter: OpenLetter, edit: Edit): Planned {
  const changes: { readonly messageId: string; readonly change: Change }[] = []
  const messages = letter.events.map((event): Message => {
    const edited = edit(event)
    if (edited) changes.push({ messageId: event.message_id, change: edited.change })
    return {
      messageId: event.message_id,
      publishTime: event.publish_time,
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

function missing(event: StoredEvent): never {
  throw new UsageError(
    `The bytes of message ${event.message_id} of ${event.dead_letter_id} are neither in streaming.dead_letter nor in streaming.audit_log. Nothing was redriven; give them with --events, or discard the dead letter.`,
  )
}

/** Temporal takes 4 MB a request: its own words, and those around ours, fit in the difference. */
const MAX_REQUEST_BYTES = 3_800_000

/**
 * The batch of a redrive.
 * @throws UsageError where the events are too large to travel together, or with what was changed about them
 */
export function encodePlanned({ letter, messages, patch }: Planned): Uint8Array {
  const large = messages.find(({ data }) => data.length > MAX_MESSAGE_BYTES)
  if (large)
    throw tooLarge(letter, `message ${large.messageId} has ${megabytes(large.data.length)}`)
  const input = Buffer.byteLength(JSON.stringify(toDeadLetter(letter)))
  // It travels as a text within JSON, where every quotation mark takes two bytes.
  const changes = Buffer.byteLength(JSON.stringify(patch))
  const batch = encodeOr(letter, messages)
  const sum = batch.length + input + changes
  if (changes <= MAX_PAYLOAD_BYTES && sum <= MAX_REQUEST_BYTES) return batch
  throw tooLarge(letter, `with what was changed they have ${megabytes(sum)}`)
}

function encodeOr(letter: OpenLetter, messages: readonly Message[]): Uint8Array {
  try {
    return encodeBatch(messages)
  } catch (error) {
    if (error instanceof RangeError) throw tooLarge(letter, error.message)
    throw error
  }
}

const megabytes = (bytes: number) => `${(bytes / 1_000_000).toFixed(1)} MB`

const tooLarge = ({ id }: OpenLetter, why: string) =>
  new UsageError(
    `The events of ${shortId(id)} (${id}) are too large for one redrive: ${why}. An event may have ${megabytes(MAX_MESSAGE_BYTES)}: make them smaller with --events, or discard the dead letter. Nothing was redriven.`,
  )

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
