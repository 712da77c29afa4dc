// Payloads as people read them: batches and dead letters as JSON, personal data masked for whoever may not see it.

import type { Payload, PayloadCodec } from '@temporalio/common'
import { MASK, type Message, maskPersonal } from '#contracts'
import { writeJson } from '#contracts/json'
import { decodeBatch } from '#runtime/batch-payload'
import { PayloadKeyError } from '#runtime/payload-codec'
import { type Access, showDeadLetter, showMessage } from './partner-data.ts'

const MASKED_NOTE = 'Personal data is masked. The personal token shows it.'

/**
 * The payload in the clear, as a person reads it; never to go back to Temporal. One that cannot be decrypted
 * becomes a sentence that says why, so that it does not hide the others of its page.
 */
export async function showPayload(
  codec: PayloadCodec,
  payload: Payload,
  access: Access,
): Promise<Payload> {
  try {
    const [plain = payload] = await codec.decode([payload])
    return readable(plain, access)
  } catch (error) {
    if (!(error instanceof PayloadKeyError)) throw error
    return asJson({ not_decoded: error.message })
  }
}

/** True for what only `showPayload` makes: masks, and sentences in place of payloads. */
export function isView({ data }: Payload): boolean {
  const text = Buffer.from(data ?? []).toString('utf8')
  return MASK.test(text) || text.startsWith('{"not_decoded":')
}

function readable(payload: Payload, access: Access): Payload {
  const data = payload.data ?? new Uint8Array()
  if (data.length === 0) return payload
  const encoding = textOf(payload.metadata?.['encoding'])
  if (encoding === 'binary/plain') return showBinary(payload, data, access)
  const value = encoding.startsWith('json/') ? parse(data) : undefined
  return value === undefined ? showUnread(payload, access) : showJson(payload, value, access)
}

function showBinary(payload: Payload, data: Uint8Array, access: Access): Payload {
  const batch = readBatch(data)
  if (!batch) return showUnread(payload, access)
  const messages = batch.map((message) => showMessage(message, access))
  return asJson(access === 'masked' ? { note: MASKED_NOTE, messages } : { messages })
}

function showJson(payload: Payload, value: unknown, access: Access): Payload {
  const letter = showDeadLetter(value, access)
  if (letter !== undefined) return { ...payload, data: Buffer.from(writeJson(letter)) }
  if (access === 'personal') return payload
  return { ...payload, data: Buffer.from(writeJson(maskPersonal(value))) }
}

/** What cannot be read cannot be masked in parts: it is shown whole or not at all. */
function showUnread(payload: Payload, access: Access): Payload {
  if (access === 'personal') return payload
  return asJson(`(masked bytes) ${payload.data?.length ?? 0} bytes. The personal token shows them.`)
}

/** @returns null where the bytes are no batch */
function readBatch(data: Uint8Array): Message[] | null {
  try {
    return decodeBatch(data)
  } catch {
    return null
  }
}

/** @returns undefined where it is not JSON, which no JSON value is */
function parse(data: Uint8Array): unknown {
  try {
    return JSON.parse(textOf(data))
  } catch {
    return undefined
  }
}

function asJson(value: unknown): Payload {
  return {
    metadata: { encoding: Buffer.from('json/plain') },
    data: Buffer.from(writeJson(value)),
  }
}

const textOf = (bytes: Uint8Array | null | undefined) => Buffer.from(bytes ?? []).toString('utf8')
