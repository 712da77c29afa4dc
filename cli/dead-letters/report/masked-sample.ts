// A partner's event as it may be sent by mail: its fields, without what is personal in them. Pure.

import { isUtf8 } from 'node:buffer'
import { parse, stringify } from 'lossless-json'
import { maskPersonal } from '#contracts'

/** Enough to see what is wrong; the partner has the rest. */
const MAX_SAMPLE = 2000

/** What is no JSON cannot be masked field by field: none of it is shown. */
export function maskedSample(data: Buffer | null): string {
  if (data === null) return '(too large to show)'
  if (data.length === 0) return '(empty)'
  if (!isUtf8(data)) return `(${data.length} bytes that are not text)`
  const text = data.toString('utf8')
  const value = readJson(text)
  if (typeof value !== 'object' || value === null) {
    return `(${text.length} characters that are not a JSON object)`
  }
  const shown = stringify(maskPersonal(value), undefined, 2) ?? ''
  return shown.length > MAX_SAMPLE ? `${shown.slice(0, MAX_SAMPLE).toWellFormed()}…` : shown
}

/** Numbers keep all their digits, unless the text has a key twice, which only the engine's parser takes. */
function readJson(text: string): unknown {
  for (const read of [parse, JSON.parse]) {
    try {
      return read(text)
    } catch {
      // The next one may take it.
    }
  }
  return undefined
}
