// The identifiers of a purchase by which Google Ads attributes it, and those that are left out. Pure.

import type { CountryCode } from 'libphonenumber-js/min'
import type { CarEvent } from '#contracts/event/parse'
import type { Identifier, Omission } from '#contracts/google-ads'
import { type ClickIdName, readClickId } from './click-id.ts'
import { readEmail } from './email.ts'
import { readPhone } from './phone.ts'
import type { Usable } from './usable.ts'

export type Identifiers = {
  /** At most one click id, the e-mail address and the phone number; the contact data are hashed. */
  readonly usable: Readonly<Partial<Record<Identifier, string>>>
  readonly omitted: readonly Omission[]
}

type Sent = Pick<CarEvent, Identifier>

/** In the order in which one of them is chosen, because Google refuses two. */
const CLICK_IDS = ['gclid', 'gbraid', 'wbraid'] as const satisfies readonly ClickIdName[]

/** @param country of phone numbers without a country code */
export function identifiersOf(event: Sent, country?: CountryCode): Identifiers {
  const usable: Partial<Record<Identifier, string>> = {}
  const omitted: Omission[] = []
  for (const [identifier, read] of readings(event, country)) {
    const isSecondClickId = isClickId(identifier) && CLICK_IDS.some((name) => name in usable)
    if (!read.ok) omitted.push({ identifier, reason: read.reason })
    else if (isSecondClickId) omitted.push({ identifier, reason: 'superseded' })
    else usable[identifier] = read.value
  }
  return { usable, omitted }
}

const isClickId = (identifier: Identifier) => CLICK_IDS.some((name) => name === identifier)

function readings(event: Sent, country?: CountryCode): [Identifier, Usable][] {
  const sent: [Identifier, Usable][] = CLICK_IDS.flatMap((name) => {
    const text = event[name]
    return isSent(text) ? [[name, readClickId(name, text)]] : []
  })
  if (isSent(event.email)) sent.push(['email', readEmail(event.email)])
  if (isSent(event.phone)) sent.push(['phone', readPhone(event.phone, country)])
  return sent
}

const isSent = (text: string | null): text is string => text !== null && text.trim() !== ''
