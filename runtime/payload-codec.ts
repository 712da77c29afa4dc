// Encrypts every payload that is sent to Temporal with AES-256-GCM, and decrypts the payloads that Temporal returns.
//
// On the wire: metadata `encoding` and `encryption-key-id`; data is 12 bytes of IV, the encrypted protobuf of the
// original payload, and 16 bytes of authentication tag. The key id is authenticated with the data.

import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import type { Payload, PayloadCodec } from '@temporalio/common'
import proto from '@temporalio/proto'
import type { PayloadKey } from './payload-keys.ts'

const PayloadProto = proto.temporal.api.common.v1.Payload

export const ENCRYPTED = 'binary/encrypted'
const KEY_ID = 'encryption-key-id'
const ALGORITHM = 'aes-256-gcm'
const IV_BYTES = 12
const TAG_BYTES = 16

/** A payload cannot be decrypted with the configured keys. The message names the key and what to do. Retries can succeed, because keys can be added. */
export class PayloadKeyError extends Error {
  override readonly name = 'PayloadKeyError'
}

/**
 * Encrypts with the first of `keys` and decrypts with any; without keys it encrypts nothing. Payloads that are
 * not encrypted pass as they are, so that encryption can be switched on while workflows run.
 * @throws PayloadKeyError from `decode`, where a key is missing or wrong, or the payload was changed
 */
export function createPayloadCodec(keys: readonly PayloadKey[]): PayloadCodec {
  const [first] = keys
  const byId = new Map(keys.map((key) => [key.id, key]))
  return {
    encode: async (payloads) => (first ? payloads.map((one) => encrypt(one, first)) : payloads),
    decode: async (payloads) =>
      payloads.map((one) => (isEncrypted(one) ? decrypt(one, byId) : one)),
  }
}

export function isEncrypted({ metadata }: Payload): boolean {
  return textOf(metadata?.['encoding']) === ENCRYPTED
}

function encrypt(payload: Payload, { id, secret }: PayloadKey): Payload {
  const iv = randomBytes(IV_BYTES)
  const keyId = Buffer.from(id)
  const cipher = createCipheriv(ALGORITHM, secret, iv, { authTagLength: TAG_BYTES })
  cipher.setAAD(keyId)
  const plain = PayloadProto.encode(payload).finish()
  const parts = [iv, cipher.update(plain), cipher.final(), cipher.getAuthTag()]
  return {
    metadata: { encoding: Buffer.from(ENCRYPTED), [KEY_ID]: keyId },
    data: Buffer.concat(parts),
  }
}

function decrypt({ metadata, data }: Payload, keys: ReadonlyMap<string, PayloadKey>): Payload {
  const id = textOf(metadata?.[KEY_ID])
  const key = keys.get(id)
  if (!key) throw new PayloadKeyError(missing(id, [...keys.keys()]))
  try {
    return open(data ?? new Uint8Array(), key)
  } catch (cause) {
    throw new PayloadKeyError(
      `A payload encrypted with key \`${printable(id)}\` cannot be decrypted: PAYLOAD_KEYS has another key under that id, or the payload was changed. Put the key it was encrypted with into PAYLOAD_KEYS.`,
      { cause },
    )
  }
}

function open(data: Uint8Array, { id, secret }: PayloadKey): Payload {
  const body = data.length - TAG_BYTES
  if (body < IV_BYTES) throw new RangeError(`it has ${data.length} bytes`)
  const iv = data.subarray(0, IV_BYTES)
  const decipher = createDecipheriv(ALGORITHM, secret, iv, { authTagLength: TAG_BYTES })
  decipher.setAAD(Buffer.from(id))
  decipher.setAuthTag(data.subarray(body))
  const parts = [decipher.update(data.subarray(IV_BYTES, body)), decipher.final()]
  return PayloadProto.decode(Buffer.concat(parts))
}

function missing(id: string, known: readonly string[]): string {
  const which = `A payload is encrypted with key \`${printable(id)}\``
  if (known.length === 0)
    return `${which}, and PAYLOAD_KEYS is not set: set it to the keys of the processes that encrypt, and restart this one.`
  const has = known.map((one) => `\`${one}\``).join(', ')
  return `${which}, which PAYLOAD_KEYS does not have: add it behind the others (${has}), and restart this process.`
}

/** The key id comes with the payload and may hold any characters. */
const printable = (id: string) => id.slice(0, 64).replace(/[^A-Za-z0-9._-]/g, '?')

const textOf = (bytes: Uint8Array | null | undefined) => Buffer.from(bytes ?? []).toString('utf8')
