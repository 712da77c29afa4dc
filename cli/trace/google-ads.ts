// Words whether an event was meant for Google Ads. Pure.

import type { ActivationRow } from '#warehouse/sql/order-rows'

const WHY: Readonly<Record<string, string>> = {
  no_usable_identifier: 'no usable identifier',
  consent_denied: 'consent denied',
  too_old: 'too old',
}

/** For example `, not meant for Google Ads: no usable identifier (phone_unparseable)`; empty where the row does not say. */
export function googleAdsPart(row: ActivationRow): string {
  const { google_ads, google_ads_reason: reason, omitted_identifiers: omitted } = row
  const left = omitted.length === 0 ? '' : ` (${omitted.join(', ')})`
  if (google_ads === 'intended') {
    const without = omitted.length === 0 ? '' : `, left out: ${omitted.join(', ')}`
    return `, meant for Google Ads${without}`
  }
  if (google_ads !== 'excluded') return ''
  return `, not meant for Google Ads: ${WHY[reason ?? ''] ?? reason ?? 'no reason is recorded'}${left}`
}
