// Partners as Temporal may show them in search attributes, workflow ids, summaries and failures, which are not encrypted.

import { digest } from './digest.ts'
import { HIDDEN_PARTNER, printablePartner, SEVERAL_PARTNERS } from './names.ts'
import { isPersonalPartner } from './personal-partner.ts'

/** The digits of a digest. A collision would only show two partners under the same name. */
const DIGITS = 8

/** Eight hexadecimal digits that stand for these partners in this order. */
export function partnerDigest(partnerIds: readonly string[]): string {
  return digest(partnerIds).slice(0, DIGITS)
}

/**
 * The partner id itself. Where it is personal or equals `SEVERAL_PARTNERS`, a replacement such as `hidden-1a2b3c4d`, which is
 * always the same for a partner. Pure.
 */
export function publicPartner(partnerId: string): string {
  const isHidden = isPersonalPartner(partnerId) || partnerId === SEVERAL_PARTNERS
  return isHidden ? `${HIDDEN_PARTNER}-${partnerDigest([partnerId])}` : partnerId
}

/** How many partners are named where several share a dead letter. */
const MAX_NAMED = 3
const MAX_NAME = 32

/**
 * Who published the events, for example `dealer-7`, or `280 partners (dealer-9: 4, dealer-12: 3, dealer-1: 1, …)`:
 * sorted by the number of events, then by id. Without personal data. Pure.
 * @param partnerIds the partner of each event
 */
export function describePartners(partnerIds: readonly string[]): string {
  const ranked = rankPartners(partnerIds)
  if (ranked.length <= 1) return ranked.map(([id]) => nameOf(id)).join('')
  const named = ranked
    .slice(0, MAX_NAMED)
    .map(([id, events]) => `${nameOf(id).slice(0, MAX_NAME)}: ${events}`)
  const rest = ranked.length > MAX_NAMED ? ', …' : ''
  return `${ranked.length} partners (${named.join(', ')}${rest})`
}

const nameOf = (partnerId: string) => printablePartner(publicPartner(partnerId))

/** Each partner with its number of events, sorted by that number and then by id. Pure. */
export function rankPartners(partnerIds: readonly string[]): [partnerId: string, events: number][] {
  const counts = new Map<string, number>()
  for (const id of partnerIds) counts.set(id, (counts.get(id) ?? 0) + 1)
  return [...counts].toSorted(([a, m], [b, n]) => n - m || (a < b ? -1 : 1))
}
