// Partners as Temporal may show them: in search attributes, workflow ids, summaries and failures, none of which is encrypted.

import { digest } from './digest.ts'
import { HIDDEN_PARTNER, printablePartner, SEVERAL_PARTNERS } from './names.ts'
import { isPersonalPartner } from './personal-partner.ts'

/** Distinct partners in digits: collisions would only put two of them under one name. */
const DIGITS = 8

/** Eight hexadecimal digits that stand for these partners in this order. */
export function partnerDigest(partnerIds: readonly string[]): string {
  return digest(partnerIds).slice(0, DIGITS)
}

/**
 * The partner id itself, or, where it is personal or reads as a word of ours, a stand-in such as `hidden-1a2b3c4d`
 * that is the same every time. Pure.
 */
export function publicPartner(partnerId: string): string {
  const isHidden = isPersonalPartner(partnerId) || partnerId === SEVERAL_PARTNERS
  return isHidden ? `${HIDDEN_PARTNER}-${partnerDigest([partnerId])}` : partnerId
}

/** Partners that are named where several share a dead letter. */
const MAX_NAMED = 3
const MAX_NAME = 32

/**
 * Whose events these are, for example `dealer-7`, or `280 partners (dealer-9: 4, dealer-12: 3, dealer-1: 1, …)`:
 * the most frequent first, then by id. Nothing personal. Pure.
 * @param partnerIds one for each event
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

/** Each partner with its number of events: the most events first, then by id, whatever the order they come in. Pure. */
export function rankPartners(partnerIds: readonly string[]): [partnerId: string, events: number][] {
  const counts = new Map<string, number>()
  for (const id of partnerIds) counts.set(id, (counts.get(id) ?? 0) + 1)
  return [...counts].toSorted(([a, m], [b, n]) => n - m || (a < b ? -1 : 1))
}
