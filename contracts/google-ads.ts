// Whether an event is meant for Google Ads, and which of its identifiers are left out, each with the reason. Imports nothing.

/** `intended`: the call asks Segment to forward the event to Google Ads. `excluded`: it does not, or there is no call. */
export type GoogleAds = 'intended' | 'excluded'

/** Why an event is excluded from Google Ads. */
export const GOOGLE_ADS_REASONS = {
  too_old: 'The event is older than Google Ads takes, and is not sent to Segment either.',
  no_usable_identifier:
    'The purchase has no click id, e-mail address or phone number that Google Ads could attribute it by. `omitted_identifiers` says what was sent and could not be used.',
  partner_off: 'Google Ads is switched off for the partner in `partners.yaml`.',
  consent_denied:
    'Consent to `ad_user_data` or `ad_personalization` is denied or was not given: Google Ads refuses such a conversion.',
  currencies_differ:
    'The purchases of one order have different currencies, so that the conversion has no value. The total in Segment is that of the first currency.',
  order_excluded:
    'The conversion of the order was excluded from Google Ads, so that there is nothing to adjust.',
  wbraid_not_adjustable:
    'The conversion of the order was attributed by a `wbraid`: Google Ads cannot adjust such a conversion.',
} as const satisfies Readonly<Record<string, string>>

export type GoogleAdsReason = keyof typeof GOOGLE_ADS_REASONS

/** What Google Ads attributes a purchase by. */
export const IDENTIFIERS = ['gclid', 'gbraid', 'wbraid', 'email', 'phone'] as const

export type Identifier = (typeof IDENTIFIERS)[number]

/** Why an identifier is left out. `activation_log` has it after the name of the identifier, as in `phone_unparseable`. */
export const OMISSION_REASONS = {
  placeholder:
    'The text stands for no value: `undefined`, `(not set)`, `N/A`, or the hash of such a text.',
  template: 'A click id is a template that nothing was put into, such as `{gclid}`.',
  not_in_url: 'A click id is a URL, or a part of one, without the parameter of its name.',
  malformed: 'The text has characters that no click id or e-mail address has.',
  unparseable: 'The phone number is none of its country, or the field has more than one number.',
  country_unknown:
    'The phone number has no country code, and `partners.yaml` has no `default_country` for the partner.',
  superseded: 'Google Ads takes one click id: `gclid` before `gbraid` before `wbraid`.',
} as const satisfies Readonly<Record<string, string>>

export type OmissionReason = keyof typeof OMISSION_REASONS

/** An identifier that the partner sent and that is left out; its value is never part of it. */
export type Omission = { readonly identifier: Identifier; readonly reason: OmissionReason }

/** As `activation_log` has it: `phone_unparseable`. */
export const omissionText = ({ identifier, reason }: Omission) => `${identifier}_${reason}`
