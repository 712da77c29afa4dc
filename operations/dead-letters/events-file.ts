// Changes events to what an edited file of `show --export` says.

import { isDeepStrictEqual } from 'node:util'
import { createPatch, type Operation, type Pointer } from 'rfc6902'
import { z } from 'zod'
import { visibleInLine } from '#contracts/visible'
import { UsageError } from '#runtime/errors'
import type { LetterEvent } from '#warehouse/sql/dead-letter-events'
import type { StoredEvent } from '#warehouse/sql/dead-letters'
import { readMessages } from '../send/read-file.ts'
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

/** An edited file: the dead letters it is about, and the edit it makes. */
export type EventsFile = {
  readonly ids: readonly string[]
  readonly edit: Edit
  /**
   * How many of its lines are of events that were done before, by an earlier redrive or discard.
   * @param events all that the dead letters of `ids` ever had
   * @throws UsageError where a line is of none of them
   */
  readonly doneBefore: (events: readonly LetterEvent[]) => number
}

/**
 * @param path NDJSON as `show --export` writes it, or `-`
 * @throws UsageError where it cannot be read, or a line is not such a line
 */
export async function readEventsFile(path: string): Promise<EventsFile> {
  const lines = new Map<string, { readonly line: Line; readonly place: number }>()
  let place = 0
  for await (const { data } of readMessages(path)) {
    const read = readLine(data, `line ${++place} of ${path}`)
    if (lines.has(keyOf(read)))
      throw new UsageError(
        `Line ${place} of ${path} is message ${visibleInLine(read.message_id)} a second time: leave one of them. Nothing was redriven.`,
      )
    lines.set(keyOf(read), { line: read, place })
  }
  if (place === 0)
    throw new UsageError(
      `${path} is empty: write events to it (show --export), and correct them. Nothing was redriven.`,
    )
  return {
    ids: [...new Set([...lines.values()].map((one) => one.line.dead_letter_id))],
    edit: (event) => {
      const found = lines.get(keyOf(event))
      return found ? changeOf(event, found.line) : null
    },
    doneBefore: (events) => {
      const isOpen = new Map(events.map((event) => [keyOf(event), event.isOpen]))
      for (const [key, one] of lines) if (!isOpen.has(key)) throw belongsElsewhere(one, path)
      return [...lines.keys()].filter((key) => !isOpen.get(key)).length
    },
  }
}

type Identity = Pick<Line, 'dead_letter_id' | 'message_id' | 'publish_time'>

const keyOf = (of: Identity) =>
  JSON.stringify([of.dead_letter_id, of.message_id, Date.parse(of.publish_time)])

function belongsElsewhere(
  { line: of, place }: { readonly line: Line; readonly place: number },
  path: string,
): UsageError {
  return new UsageError(
    `Line ${place} of ${path}: message ${visibleInLine(of.message_id)} is no event of ${visibleInLine(of.dead_letter_id)}. Nothing was redriven; export that dead letter again and edit the new file.`,
  )
}

function readLine(data: Uint8Array, where: string): Line {
  const parsed = line.safeParse(parseOr(Buffer.from(data).toString('utf8'), where))
  if (parsed.success) return parsed.data
  throw new UsageError(
    `${capital(where)} is no line of \`show --export\`: it needs dead_letter_id, message_id, publish_time and one of event, text and base64. Export anew, and edit only those. Nothing was redriven.`,
  )
}

function parseOr(text: string, where: string): unknown {
  try {
    return parseExact(text)
  } catch {
    throw new UsageError(
      `${capital(where)} is not JSON: an event is one line. Correct that line. Nothing was redriven.`,
    )
  }
}

const capital = (text: string) => `${text.charAt(0).toUpperCase()}${text.slice(1)}`

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
