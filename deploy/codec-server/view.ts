// Payloads as people read them: batches and dead letters as JSON, personal data masked for whoever may not see it.

import type { Payload, PayloadCodec } from '@temporalio/common'
import { MASK, type Message, maskPersonal } from '#contracts'
import { BatchTooLargeToUnpackError, decodeBatch } from '#contracts/batch-payload'
import { writeJson } from '#contracts/event/json'
import { messageBytes } from '#contracts/message-bytes'
import { PayloadKeyError } from '#runtime/payload-codec'
import { type Budget, BudgetError } from './budget.ts'
import { type Access, showDeadLetter, showMessage } from './partner-data.ts'

const MASKED_NOTE = 'Personal data is masked. The personal token shows it.'

/** Temporal stores no payload over 2 MB; encryption adds less than the rest. */
const MAX_STORED_BYTES = 2.5 * 1024 * 1024

/**
 * The payload in the clear, as a person reads it; never to go back to Temporal. One that cannot be decrypted, or that
 * costs more than the budget has, becomes a sentence that says why, so that it does not hide the others of its page.
 */
export async function showPayload(
  codec: PayloadCodec,
  payload: Payload,
  access: Access,
  budget: Budget,
): Promise<Payload> {
  try {
    await budget.breathe()
    refuseTooLarge(payload)
    const [plain = payload] = await codec.decode([payload])
    const shown = await readable(plain, access, budget)
    budget.spend(shown.data?.length ?? 0)
    return shown
  } catch (error) {
    if (error instanceof PayloadKeyError || error instanceof BudgetError)
      return asJson({ not_decoded: error.message })
    throw error
  }
}

function refuseTooLarge({ data }: Payload): void {
  if ((data?.length ?? 0) > MAX_STORED_BYTES)
    throw new BudgetError(
      `The payload has ${data?.length} bytes, and Temporal stores no more than 2 MB: it is not one of Temporal's.`,
    )
}

/** True for what only `showPayload` makes: masks, and sentences in place of payloads. */
export function isView({ data }: Payload): boolean {
  const text = Buffer.from(data ?? []).toString('utf8')
  return MASK.test(text) || text.startsWith('{"not_decoded":')
}

async function readable(payload: Payload, access: Access, budget: Budget): Promise<Payload> {
  const data = payload.data ?? new Uint8Array()
  if (data.length === 0) return payload
  const encoding = textOf(payload.metadata?.['encoding'])
  if (encoding === 'binary/plain') return showBinary(payload, access, budget)
  const value = encoding.startsWith('json/') ? parse(data) : undefined
  return value === undefined ? showUnread(payload, access) : showJson(payload, value, access)
}

async function showBinary(payload: Payload, access: Access, budget: Budget): Promise<Payload> {
  const batch = readBatch(payload.data ?? new Uint8Array(), budget)
  if (!batch) return showUnread(payload, access)
  const messages: unknown[] = []
  for (const message of batch) {
    await budget.breathe()
    messages.push(showMessage(message, access))
  }
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

/**
 * @returns null where the bytes are no batch
 * @throws BudgetError where it unpacks to more than the request may still cost
 */
function readBatch(data: Uint8Array, budget: Budget): Message[] | null {
  const bytesLeft = budget.bytesLeft()
  try {
    const messages = decodeBatch(data, bytesLeft)
    budget.spend(messages.reduce((total, message) => total + messageBytes(message), 0))
    return messages
  } catch (error) {
    if (!(error instanceof BatchTooLargeToUnpackError)) return null
    budget.spend(bytesLeft)
    throw new BudgetError(`The batch unpacks to more than ${bytesLeft} bytes: ask for it alone.`)
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
