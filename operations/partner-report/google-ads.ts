// The purchases of a partner that were not meant for Google Ads, by reason. Pure.

import type { z } from 'zod'
import type { partnerGoogleAds } from '#warehouse/sql/partner-google-ads'

export type ExcludedPurchases = {
  /** `no_usable_identifier`, `consent_denied`, `too_old`, or another reason why they were not activated. */
  readonly reason: string
  readonly purchases: number
  /** What was left out of them, such as `phone_unparseable`, the most frequent first. */
  readonly omitted: readonly { readonly identifier: string; readonly purchases: number }[]
}

type Row = z.output<ReturnType<typeof partnerGoogleAds>['row']>

/** @param rows the most frequent first */
export function excludedPurchases(rows: readonly Row[]): ExcludedPurchases[] {
  return rows
    .filter(({ omitted }) => omitted === null)
    .map(({ reason, purchases }) => ({ reason, purchases, omitted: omittedOf(rows, reason) }))
}

const omittedOf = (rows: readonly Row[], reason: string) =>
  rows.flatMap(({ reason: other, omitted: identifier, purchases }) =>
    other === reason && identifier !== null ? [{ identifier, purchases }] : [],
  )
