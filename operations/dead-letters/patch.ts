// Changes events by a JSON Patch (RFC 6902), the same for each; numbers keep their digits.

import { applyPatch, type Operation } from 'rfc6902'
import { z } from 'zod'
import type { StoredEvent } from '#warehouse/sql/dead-letter-stored-events'
import { OperationError } from '../errors.ts'
import type { Edit } from './edit.ts'
import { parseExact, readEditable, writeExact } from './exact-json.ts'

const pointer = z
  .string({ error: 'is no JSON Pointer' })
  .regex(/^(\/|$)/, 'is no JSON Pointer: it begins with /')

const operation = z.discriminatedUnion('op', [
  z.object({ op: z.enum(['add', 'replace', 'test']), path: pointer, value: z.unknown() }),
  z.object({ op: z.literal('remove'), path: pointer }),
  z.object({ op: z.enum(['move', 'copy']), from: pointer, path: pointer }),
])

const operations = z.array(operation).min(1, 'has no operation')

export type JsonPatch = z.output<typeof operations>

/**
 * @param text a JSON Patch
 * @param source where it comes from, such as a file, for errors
 * @throws OperationError `patch_not_json` or `patch_invalid`
 */
export function parsePatch(text: string, source: string): JsonPatch {
  const parsed = operations.safeParse(parseOr(text, source))
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  throw new OperationError('patch_invalid', {
    source,
    place: issue?.path.join('.') ?? '',
    issue: issue?.message ?? '',
  })
}

function parseOr(text: string, source: string): unknown {
  try {
    return parseExact(text)
  } catch {
    throw new OperationError('patch_not_json', { source })
  }
}

/** An edit that applies `patch` to every event: all of its operations, or it throws. */
export function patchEdit(patch: JsonPatch): Edit {
  const inHolder = patch.map(withRoot)
  return (event) => {
    const object = event.data && readEditable(event.data)
    // The library cannot replace the root of a document, so the event is a field of one.
    const holder: { event?: unknown } = object === null ? {} : { event: object }
    const place = inHolder.findIndex((one) => !applies(holder, one))
    if (place !== -1) throw doesNotApply(event, patch, place, object === null)
    const data = Buffer.from(writeExact(holder.event))
    return event.data?.equals(data) ? null : { data, change: { patch } }
  }
}

/** The library throws where a place lies within a text or a number: its words quote that, and may be personal. */
function applies(holder: object, one: JsonPatch[number]): boolean {
  try {
    return applyPatch(holder, [toOperation(one)])[0] === null
  } catch {
    return false
  }
}

const ROOT = '/event'

function withRoot(one: JsonPatch[number]): JsonPatch[number] {
  const path = `${ROOT}${one.path}`
  return 'from' in one ? { ...one, path, from: `${ROOT}${one.from}` } : { ...one, path }
}

/** A copy each time: an event must not share an object of the patch with the next. */
const toOperation = (one: JsonPatch[number]): Operation => structuredClone(one)

function doesNotApply(
  event: StoredEvent,
  patch: JsonPatch,
  index: number,
  isText: boolean,
): OperationError {
  const one = patch[index]
  return new OperationError('patch_not_applicable', {
    letter: event.dead_letter_id,
    messageId: event.message_id,
    number: index + 1,
    op: one?.op ?? '',
    path: one?.path ?? '',
    why: isText ? 'not_an_object' : one?.op === 'test' ? 'test_failed' : 'no_such_place',
  })
}
