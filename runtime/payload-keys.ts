// The keys that encrypt the payloads that Temporal stores. They are read from PAYLOAD_KEYS; `npm run codec-server -- --new-key`
// makes one.

import { createSecretKey, type KeyObject, randomBytes } from 'node:crypto'
import { wallClock } from './clock.ts'

/** The secret is a KeyObject, whose bytes no log and no error shows. */
export type PayloadKey = { readonly id: string; readonly secret: KeyObject }

/** `keys`: the first one encrypts, all of them decrypt. `problem`: what is wrong, without any byte of a key. */
export type ParsedPayloadKeys =
  | { readonly ok: true; readonly keys: readonly PayloadKey[] }
  | { readonly ok: false; readonly problem: string }

const KEY_BYTES = 32
const ID = /^[A-Za-z0-9._-]{1,64}$/
const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/

/** Reads `id1:base64key,id2:base64key`; never throws. A malformed pair is named by its position, because it may hold a key. */
export function readPayloadKeys(text: string): ParsedPayloadKeys {
  const keys: PayloadKey[] = []
  for (const [index, pair] of text.split(',').entries()) {
    const [id = '', key = '', ...rest] = pair.trim().split(':')
    if (rest.length > 0 || !ID.test(id) || key === '') return refused(`pair ${index + 1} is not`)
    if (keys.some((one) => one.id === id)) return { ok: false, problem: `it has \`${id}\` twice` }
    const bytes = BASE64.test(key) ? Buffer.from(key, 'base64') : Buffer.alloc(0)
    if (bytes.length !== KEY_BYTES) return refused(`the key of \`${id}\` is not`)
    keys.push({ id, secret: createSecretKey(bytes) })
  }
  return { ok: true, keys }
}

/** A new pair for PAYLOAD_KEYS. Its id is the current month, so that its age can be seen. */
export function newPayloadKey(now = wallClock()): string {
  return `${now.toISOString().slice(0, 7)}:${randomBytes(KEY_BYTES).toString('base64')}`
}

function refused(what: string): ParsedPayloadKeys {
  const form = `id:key with ${KEY_BYTES} bytes in base64 as the key, and commas between pairs`
  const help = '`npm run -s codec-server -- --new-key` makes a pair'
  return { ok: false, problem: `${what} as it must be: ${form} (${help})` }
}
