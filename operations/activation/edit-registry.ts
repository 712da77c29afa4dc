// Sets a switch of one partner in the text of a partner registry. Comments and the order of what stands there stay.

import { isDeepStrictEqual } from 'node:util'
import { type Document, isMap, isScalar, parseDocument, YAMLMap } from 'yaml'
import { trimmed } from '#contracts/event/trim'
import { readKeys } from '#runtime/partners/keys'
import { parseRegistry } from '#runtime/partners/parse'
import { type PartnerSettings, type Registry, settingsOf } from '#runtime/partners/settings'

/** A field of the section `activation`. */
export type Switch = 'enabled' | 'google_ads'

export type SwitchChange = {
  readonly partner: string
  readonly switch: Switch
  readonly isOn: boolean
}

export type Edited =
  | { readonly ok: true; readonly text: string; readonly isChanged: boolean }
  /** The text cannot be used, or the edit would change more than the switch. */
  | { readonly ok: false; readonly problems: readonly string[] }

/** A partner that is not named is added. Nothing changes where the switch is so already, be it by the defaults. Pure. */
export function editRegistry(text: string, given: SwitchChange): Edited {
  const change = { ...given, partner: trimmed(given.partner) }
  const before = parseRegistry(text)
  if (!before.ok) return before
  if (isSwitched(settingsOf(before.registry, change.partner), change)) {
    return { ok: true, text, isChanged: false }
  }
  const edited = withSwitch(text, change)
  if (edited === null) return { ok: false, problems: [BY_HAND] }
  const after = parseRegistry(edited)
  // No partner id is as long, for example.
  if (!after.ok) return after
  if (!isOnlyChange(before.registry, after.registry, change)) {
    return { ok: false, problems: [BY_HAND] }
  }
  return { ok: true, text: edited, isChanged: true }
}

const BY_HAND =
  'the partner or its section uses an alias (*name) or is one (&name): write its fields out'

const valueOf = ({ activation }: PartnerSettings, { switch: name }: SwitchChange) =>
  name === 'enabled' ? activation.enabled : activation.googleAds

const isSwitched = (settings: PartnerSettings, change: SwitchChange) =>
  valueOf(settings, change) === change.isOn

/** Null where a section is neither there nor can be added, since an alias is in its place. */
function withSwitch(text: string, change: SwitchChange): string | null {
  const document: Document = parseDocument(text, { uniqueKeys: false })
  // What YAML takes for a number, such as the partner 007, must be written as the text that it is.
  readKeys(document.contents)
  if (isEmpty(document.contents)) document.contents = new YAMLMap(document.schema)
  const path = ['partners', change.partner, 'activation']
  let section: unknown = document.contents
  for (const name of path) section = isMap(section) ? sectionOf(document, section, name) : null
  if (!isMap(section)) return null
  section.set(keyOf(section, change.switch) ?? change.switch, change.isOn)
  const written = document.toString({ lineWidth: 0 })
  return text.includes('\r\n') ? written.replaceAll(/\r?\n/g, '\r\n') : written
}

const isEmpty = (node: unknown) => node === null || (isScalar(node) && node.value === null)

const keyOf = (section: YAMLMap, name: string) =>
  section.items.find(({ key }) => isScalar(key) && key.value === name)?.key

/** The section of this name, which is added where it is missing or empty. */
function sectionOf({ schema }: Document, parent: YAMLMap, name: string): unknown {
  const found = parent.items.find(({ key }) => isScalar(key) && key.value === name)
  if (found && !isEmpty(found.value)) return found.value
  const added = new YAMLMap(schema)
  if (!found) parent.set(name, added)
  else {
    if (isScalar(found.value)) Object.assign(added, { comment: found.value.comment ?? null })
    found.value = added
  }
  return added
}

/** The settings of every other partner, and all else of this one, are as they were. */
function isOnlyChange(before: Registry, after: Registry, change: SwitchChange): boolean {
  const { partner, isOn, switch: name } = change
  const was = settingsOf(before, partner)
  const field = name === 'enabled' ? 'enabled' : 'googleAds'
  const wanted = { ...was, activation: { ...was.activation, [field]: isOn } }
  const expected = new Map(before.partners).set(partner, wanted)
  return isDeepStrictEqual(
    { defaults: before.defaults, partners: expected },
    { defaults: after.defaults, partners: after.partners },
  )
}
