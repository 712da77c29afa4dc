// Words which purchases of a partner were not meant for Google Ads, in Markdown. Pure.

import { markdownCode, markdownText } from '#contracts'
import type { ExcludedPurchases } from '#operations/partner-report/google-ads'

/** A section, or nothing where all purchases were meant for Google Ads. */
export function googleAdsSection(
  partner: string,
  excluded: readonly ExcludedPurchases[],
): string[] {
  if (excluded.length === 0) return []
  const lines = excluded.map((one) => `- ${lineOf(partner, one)}`).join('\n')
  return [
    `## Not meant for Google Ads\n\nThese purchases keep the contract and are staged. Google Ads cannot count them.\n\n${lines}`,
  ]
}

/** For example `412 purchases of dealer-7 without a usable identifier: phone_unparseable (400), gclid_template (12)`. */
function lineOf(partner: string, { reason, purchases, omitted }: ExcludedPurchases): string {
  const named = purchases === 1 ? 'purchase' : 'purchases'
  const left = omitted.map(
    ({ identifier, purchases: some }) =>
      `${markdownCode(identifier)} (${some.toLocaleString('en')})`,
  )
  const why = left.length === 0 ? '' : `: ${left.join(', ')}`
  const words = WORDS[reason] ?? `held back: ${markdownCode(reason)}`
  return `${purchases.toLocaleString('en')} ${named} of ${markdownText(partner)} ${words}${why}`
}

const WORDS: Readonly<Record<string, string>> = {
  no_usable_identifier: 'without a usable identifier',
  consent_denied: 'without consent to advertising',
  too_old: 'older than Google Ads takes',
}
