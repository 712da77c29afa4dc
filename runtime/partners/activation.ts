// The section `activation` of the partner registry: which calls of a partner go to Segment and Google Ads, and how.

import { z } from 'zod'
import { MAX_TEXT } from '#contracts/limits'

/** The categories of consent that Google Ads asks for. */
export const GOOGLE_CATEGORIES = ['ad_user_data', 'ad_personalization'] as const

export type GoogleCategory = (typeof GOOGLE_CATEGORIES)[number]

const text = z
  .string('must be a text')
  .trim()
  .min(1, 'must not be empty')
  .max(MAX_TEXT, `must have at most ${MAX_TEXT} characters`)

/** More than any workspace or list of reasons has; it bounds the work for each call. */
const MAX_ENTRIES = 50
const FEWER = `must have at most ${MAX_ENTRIES} entries`

const categoryIds = z
  .union([text.transform((id) => [id]), z.array(text).min(1).max(MAX_ENTRIES)], {
    error: 'must be the id of a category of Segment, or a list of such ids',
  })
  .optional()

const HOURS = 'must be a number of hours from 0 to 168'
const SWITCH = 'must be true or false'

export const activationSchema = z.strictObject(
  {
    enabled: z.boolean(SWITCH).optional(),
    google_ads: z.boolean(SWITCH).optional(),
    cooling_off_hours: z.number(HOURS).min(0, HOURS).max(168, HOURS).optional(),
    consent_categories: z
      .strictObject(
        { ad_user_data: categoryIds, ad_personalization: categoryIds },
        'must be a section with ad_user_data and ad_personalization',
      )
      .optional(),
    refund_reasons: z.array(text, 'must be a list of texts').max(MAX_ENTRIES, FEWER).optional(),
  },
  'must be a section, such as {}',
)

export type ActivationSettings = {
  /** False: nothing of the partner is sent to Segment. */
  readonly enabled: boolean
  /** False: calls of the partner are sent to Segment, and not forwarded to Google Ads. */
  readonly googleAds: boolean
  /** Hours for which a purchase waits for its cancellation before it is sent; 0 for none. */
  readonly coolingOffHours: number
  /** The ids that the categories have in the Segment workspace. A category without ids goes by its own name. */
  readonly consentCategories: Readonly<Partial<Record<GoogleCategory, readonly string[]>>>
  /** Reasons of a cancellation by which money came back after the delivery: the call is `Order Refunded`. */
  readonly refundReasons: readonly string[]
}

/** Of a partner about whom nothing is known, where the registry has no defaults. */
export const STANDARD_ACTIVATION: ActivationSettings = {
  enabled: true,
  googleAds: true,
  coolingOffHours: 0,
  consentCategories: {},
  refundReasons: ['refund', 'refunded', 'returned', 'money_back'],
}

/** The fields that are given, and those of `standard` for the others. */
export function toActivationSettings(
  given: z.output<typeof activationSchema>,
  standard: ActivationSettings,
): ActivationSettings {
  return {
    enabled: given.enabled ?? standard.enabled,
    googleAds: given.google_ads ?? standard.googleAds,
    coolingOffHours: given.cooling_off_hours ?? standard.coolingOffHours,
    consentCategories: {
      ...standard.consentCategories,
      ...toCategories(given.consent_categories ?? {}),
    },
    refundReasons: given.refund_reasons ?? standard.refundReasons,
  }
}

const toCategories = (given: Partial<Record<GoogleCategory, string[] | undefined>>) => ({
  ...(given.ad_user_data && { ad_user_data: given.ad_user_data }),
  ...(given.ad_personalization && { ad_personalization: given.ad_personalization }),
})
