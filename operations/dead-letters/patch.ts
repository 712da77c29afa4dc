// Changes events by a JSON Patch (RFC 6902), the same for each; numbers keep their digits.

import { readFile } from 'node:fs/promises'
import { applyPatch, type Operation } from 'rfc6902'
import { z } from 'zod'
import { visibleInLine } from '#contracts/visible'
import { UsageError } from '#runtime/errors'
import type { StoredEvent } from '#warehouse/sql/dead-letters'
import { oneLine } from '../google.ts'
import { withoutMark } from '../text-encoding.ts'
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

const EXAMPLE = '[{"op":"replace","path":"/currency","value":"EUR"}]'

/**
 * @param given a file, or the patch itself
 * @throws UsageError where it cannot be read or is no JSON Patch
 */
export async function readPatch(given: string): Promise<JsonPatch> {
  const isInline = given.trimStart().startsWith('[')
  const text = isInline ? given.trim() : await readPatchFile(given)
  const name = isInline ? '--patch' : given
  const parsed = operations.safeParse(parseOr(text, name))
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  const where = issue?.path.length ? ` at ${issue.path.join('.')}` : ''
  throw new UsageError(
    `${name} is no JSON Patch (RFC 6902)${where}: ${issue?.message}. An example: ${EXAMPLE}. Nothing was redriven.`,
  )
}

async function readPatchFile(file: string): Promise<string> {
  try {
    return withoutMark(await readFile(file), file).toString('utf8')
  } catch (error) {
    if (error instanceof UsageError) throw error
    throw new UsageError(
      `Cannot read the patch ${file}: ${oneLine(error)}. Name a file, or give the JSON itself, which begins with [. Nothing was redriven.`,
    )
  }
}

function parseOr(text: string, name: string): unknown {
  try {
    return parseExact(text)
  } catch {
    throw new UsageError(
      `${name} is not JSON. An example, in the quotes of a shell: '${EXAMPLE}'. Nothing was redriven.`,
    )
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
  place: number,
  isText: boolean,
): UsageError {
  const one = patch[place]
  const what = `operation ${place + 1} (${one?.op} ${visibleInLine(one?.path || 'the whole event')})`
  const why = isText
    ? 'it is no JSON object'
    : one?.op === 'test'
      ? 'another value is there'
      : 'there is no such place in it'
  return new UsageError(
    `The patch does not apply to message ${event.message_id} of ${event.dead_letter_id}: ${what} fails, ${why}. Nothing was redriven; choose events by --query reason=…, or edit them with show --export and redrive --events.`,
  )
}
