// Keys for tests, each as it stands in PAYLOAD_KEYS.

import { Buffer } from 'node:buffer'
import { type PayloadKey, readPayloadKeys } from '#runtime/payload-keys'

/** A pair whose key is this byte 32 times. */
export const pair = (id: string, byte: number): string =>
  `${id}:${Buffer.alloc(32, byte).toString('base64')}`

export function keysOf(text: string): readonly PayloadKey[] {
  const reading = readPayloadKeys(text)
  if (!reading.ok) throw new Error(reading.problem)
  return reading.keys
}
