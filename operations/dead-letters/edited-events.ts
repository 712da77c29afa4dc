// Changes events to what the edited lines of an export say.

import { isDeepStrictEqual } from 'node:util'
import { createPatch, type Operation, type Pointer } from 'rfc6902'
import { z } from 'zod'
import type { LetterEvent } from '#warehouse/sql/dead-letter-events'
import type { StoredEvent } from '#warehouse/sql/dead-letter-stored-events'
import { OperationError } from '../errors.ts'
import type { Change, Edit } from './edit.ts'
import { parseExact, readEditable, writeExact } from './exact-json.ts'

const line = z
  .object({
    dead_letter_id: z.string(),
    message_id: z.string(),
    publish_time: z.string(),
    event: z.record(z.string(), z.unknown()).optional(),
    text: z.string().nullish(),
    base64: z.base64().optional(),
  })
  .refine(({ event, text, base64 }) => [event, text, base64].filter(isGiven).length === 1)

const isGiven = (value: unknown) => value !== undefined && value !== null

type Line = z.output<typeof line>

/** Edited events: the dead letters they are of, and the edit they make. */
export type EditedEvents = {
  readonly ids: readonly string[]
  readonly edit: Edit
  /**
   * How many of the lines are of events that an earlier redrive or discard closed.
   * @param events all that the dead letters of `ids` ever had
   * @throws OperationError `edited_line_foreign` where a line is of none of them
   */
  readonly doneBefore: (events: readonly LetterEvent[]) => number
}

/**
 * @param messages the lines of an export (`exportLines`), edited
 * @param source where they come from, such as a file, for errors
 * @throws OperationError `edited_events_empty`, `edited_line_not_json`, `edited_line_invalid` or `edited_line_repeated`
 */
export async function readEditedEvents(
  messages: AsyncIterable<{ readonly data: Uint8Array }>,
  source: string,
): Promise<EditedEvents> {
  const lines = new Map<string, { readonly line: Line; readonly number: number }>()
  let number = 0
  for await (const { data } of messages) {
    const place = { source, line: ++number }
    const read = readLine(data, place)
    const messageId = read.message_id
    if (lines.has(keyOf(read)))
      throw new OperationError('edited_line_repeated', { ...place, messageId })
    lines.set(keyOf(read), { line: read, number })
  }
  if (number === 0) throw new OperationError('edited_events_empty', { source })
  return {
    ids: [...new Set([...lines.values()].map((one) => one.line.dead_letter_id))],
    edit: (event) => {
      const found = lines.get(keyOf(event))
      return found ? changeOf(event, found.line) : null
    },
    doneBefore: (events) => {
      const isOpen = new Map(events.map((event) => [keyOf(event), event.isOpen]))
      for (const [key, one] of lines) if (!isOpen.has(key)) throw foreign(one, source)
      return [...lines.keys()].filter((key) => !isOpen.get(key)).length
    },
  }
}

type Identity = Pick<Line, 'dead_letter_id' | 'message_id' | 'publish_time'>

const keyOf = (of: Identity) =>
  JSON.stringify([of.dead_letter_id, of.message_id, Date.parse(of.publish_time)])

type Place = { readonly source: string; readonly line: number }

const foreign = (
  { line: of, number }: { readonly line: Line; readonly number: number },
  source: string,
) =>
  new OperationError('edited_line_foreign', {
    source,
    line: number,
    messageId: of.message_id,
    letter: of.dead_letter_id,
  })

function readLine(data: Uint8Array, place: Place): Line {
  const parsed = line.safeParse(parseOr(Buffer.from(data).toString('utf8'), place))
  if (parsed.success) return parsed.data
  throw new OperationError('edited_line_invalid', place)
}

function parseOr(text: string, place: Place): unknown {
  try {
    return parseExact(text)
  } catch {
    throw new OperationError('edited_line_not_json', place)
  }
}

/** Null where the line says what the event was: its bytes then stay as they were, white space included. */
function changeOf(event: StoredEvent, one: Line): { data: Buffer; change: Change } | null {
  if (one.event !== undefined) return objectChange(event, one.event)
  const data = isGiven(one.base64)
    ? Buffer.from(one.base64 ?? '', 'base64')
    : Buffer.from(one.text ?? '')
  if (event.data?.equals(data)) return null
  return {
    data,
    change: isGiven(one.base64) ? { base64: one.base64 ?? '' } : { text: one.text ?? '' },
  }
}

function objectChange(
  event: StoredEvent,
  edited: unknown,
): { data: Buffer; change: Change } | null {
  const original = event.data && readEditable(event.data)
  const text = writeExact(edited)
  if (original !== null && writeExact(original) === text) return null
  const change =
    original === null ? { text } : { patch: createPatch(original, edited, replaceArray) }
  return { data: Buffer.from(text), change }
}

/**
 * An array that was changed is replaced as a whole: the library compares each of its values with each of the other's,
 * and a partner's array may have a hundred thousand.
 */
const replaceArray = (before: unknown, after: unknown, place: Pointer): Operation[] | undefined => {
  if (!Array.isArray(before) || !Array.isArray(after)) return undefined
  if (isDeepStrictEqual(before, after)) return []
  return [{ op: 'replace', path: place.toString(), value: after }]
}
