// The ids that leave for Segment are set apart by partner: two partners may use the same number for different orders.

import { LRUCache } from 'lru-cache'
import { digest } from '#contracts/digest'
import { maskContacts } from '#contracts/mask-contacts'
import { HIDDEN_PARTNER } from '#contracts/names'
import { isPersonalPartner } from '#contracts/personal-partner'

const MAX_CACHED = 1000

const scopes = new LRUCache<string, string>({ max: MAX_CACHED })

/** `dealer-7:A001` for order A001 of dealer-7: two pairs of partner and id never have the same scoped id. */
export const scopedId = (partnerId: string, id: string) => `${scopeOf(partnerId)}:${publicId(id)}`

/**
 * The partner's number of an order or a customer. A stand-in where it is an e-mail address or a telephone number in
 * international form: Google refuses such order ids, and Segment gets no personal data that are not hashed.
 */
export function publicId(id: string): string {
  const isHidden = id.startsWith(HIDDEN_PARTNER) || maskContacts(id) !== id
  return isHidden ? `${HIDDEN_PARTNER}-${digest([id])}` : id
}

/** The partner as Segment gets it, without a colon. A stand-in where it is personal: Google refuses such order ids. */
export function scopeOf(partnerId: string): string {
  const known = scopes.get(partnerId)
  if (known !== undefined) return known
  const scope = findScope(partnerId)
  scopes.set(partnerId, scope)
  return scope
}

function findScope(partnerId: string): string {
  const isHidden = isPersonalPartner(partnerId) || partnerId.startsWith(HIDDEN_PARTNER)
  if (isHidden) return `${HIDDEN_PARTNER}-${digest([partnerId])}`
  return partnerId.replaceAll('%', '%25').replaceAll(':', '%3A')
}
