// Events and resolutions as they are shown: personal data masked unless it is asked for.

import { isUtf8 } from 'node:buffer'
import { maskPersonal } from '#contracts'
import type { Logged } from '#warehouse/sql/dead-letter-log'
import type { StoredEvent } from '#warehouse/sql/dead-letter-stored-events'

export function shownEvent({ data, faults, ...event }: StoredEvent, isPersonal: boolean) {
  const { reasons, attributes, ...ids } = event
  const told = { ...ids, attributes }
  const fields: object = isPersonal ? told : Object(maskPersonal(told))
  return { ...fields, reasons, faults, data: data && shownData(data, isPersonal) }
}

export function shownLog(
  one: Logged,
  isPersonal: boolean,
): Omit<Logged, 'patch'> & { patch: unknown } {
  return isPersonal ? one : { ...one, patch: maskPatch(one.patch) }
}

/** The values of a JSON Patch stand apart from the names of their fields: none of them is shown. */
function maskPatch(patch: unknown): unknown {
  if (Array.isArray(patch)) return patch.map(maskPatch)
  if (typeof patch !== 'object' || patch === null) return patch
  return Object.fromEntries(
    Object.entries(patch).map(([name, value]) => [
      name,
      HIDDEN.has(name) ? '(masked)' : maskPatch(value),
    ]),
  )
}

const HIDDEN = new Set(['value', 'text', 'base64'])

/** What is neither JSON nor text is shown as it may be: not at all. */
function shownData(data: Buffer, isPersonal: boolean): unknown {
  if (!isUtf8(data)) return isPersonal ? { base64: data.toString('base64') } : '(masked bytes)'
  const text = data.toString('utf8')
  return isPersonal ? text : maskPersonal(text)
}
