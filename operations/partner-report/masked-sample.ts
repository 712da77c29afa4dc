// A partner's event as it may be sent by mail: its fields, without what is personal in them. Pure.

import { isUtf8 } from 'node:buffer'
import { stringify } from 'lossless-json'
import { maskPersonal } from '#contracts'
import { readJsonObject } from '#contracts/event/json'

/** Enough to see what is wrong; the partner has the rest. */
const MAX_SAMPLE = 2000

/** What is no JSON cannot be masked field by field: none of it is shown. */
export function maskedSample(data: Buffer | null): string {
  if (data === null) return '(too large to show)'
  if (data.length === 0) return '(empty)'
  if (!isUtf8(data)) return `(${data.length} bytes that are not text)`
  const value = readLoosely(data)
  if (typeof value !== 'object' || value === null) {
    return `(${data.toString('utf8').length} characters that are not a JSON object)`
  }
  const shown = stringify(maskPersonal(value, MAX_SAMPLE), undefined, 2) ?? ''
  return shown.length > MAX_SAMPLE ? `${shown.slice(0, MAX_SAMPLE).toWellFormed()}…` : shown
}

/** Numbers keep all their digits where the contract can read the event; where it cannot, it may still be JSON. */
function readLoosely(data: Buffer): unknown {
  const reading = readJsonObject(data)
  if (reading.ok) return reading.object
  try {
    return JSON.parse(data.toString('utf8'))
  } catch {
    return undefined
  }
}
