// What partners sent, as people read it: JSON as JSON, whatever its carrier; masked for whoever may not see personal data.

import { isUtf8 } from 'node:buffer'
import { z } from 'zod'
import { isPersonal, type Message, mask, maskPersonal } from '#contracts'
import { readJsonObject } from '#contracts/json'

/** Whether the caller sees personal data, or masks in its place. */
export type Access = 'masked' | 'personal'

/** A message of a batch. */
export function showMessage({ data, ...message }: Message, access: Access): unknown {
  const rest = access === 'personal' ? message : maskPersonal(message)
  return { ...Object(rest), data: showData(data, access) }
}

const deadLetter = z.looseObject({
  events: z.array(
    z.looseObject({
      data: z.union([z.object({ text: z.string() }), z.object({ base64: z.string() }), z.null()]),
      faults: z.array(
        z.looseObject({
          reason: z.unknown(),
          path: z.string(),
          expected: z.unknown(),
          received: z.unknown(),
        }),
      ),
    }),
  ),
})

/** @returns undefined where `value` is not the input of a `deadLetter` workflow */
export function showDeadLetter(value: unknown, access: Access): unknown {
  const parsed = deadLetter.safeParse(value)
  if (!parsed.success) return undefined
  // Fields keep the order they came in, which zod changes.
  const letter = Object(value)
  const events = parsed.data.events.map((event, index) =>
    showEvent(event, Object(letter.events[index]), access),
  )
  const shown = { ...letter, events }
  return access === 'personal' ? shown : maskPersonal(shown)
}

type Event = z.output<typeof deadLetter>['events'][number]

/** What is wrong comes first, what came last: an event may be pages long. */
function showEvent(
  { faults, data }: Event,
  original: Readonly<Record<string, unknown>>,
  access: Access,
) {
  const { faults: _faults, data: _data, ...rest } = original
  return {
    faults: faults.map((fault) => showFault(fault, access)),
    ...rest,
    data: data && showData(bytesOf(data), access),
  }
}

type Carried = { readonly text: string } | { readonly base64: string }

const bytesOf = (data: Carried) =>
  'text' in data ? Buffer.from(data.text) : Buffer.from(data.base64, 'base64')

function showFault(fault: Event['faults'][number], access: Access): typeof fault {
  const isHidden = access === 'masked' && isPersonal(fault.path)
  return isHidden ? { ...fault, received: mask(fault.received) } : fault
}

/** An object as an object with exact numbers; anything else as the text or the base64 it is. */
function showData(data: Uint8Array, access: Access): unknown {
  const reading = readJsonObject(data)
  if (access === 'masked') return maskPersonal(reading.ok ? reading.object : loosely(data))
  if (reading.ok) return reading.object
  const bytes = Buffer.from(data)
  return isUtf8(data) ? { text: bytes.toString('utf8') } : { base64: bytes.toString('base64') }
}

/** JSON that the contract does not take, repeated keys for one; of what cannot be parsed, only how large it is. */
function loosely(data: Uint8Array): unknown {
  try {
    const value: unknown = JSON.parse(Buffer.from(data).toString('utf8'))
    if (typeof value === 'object') return value
  } catch {
    // It is not JSON: no field of it can be told from another.
  }
  return `(masked text) ${data.length} bytes that are not a JSON object`
}
