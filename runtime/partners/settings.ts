// What is known about a partner: the fields of the registry, and what applies to a partner that it does not name.

import { type CountryCode, isSupportedCountry } from 'libphonenumber-js/min'
import { z } from 'zod'
import { CURRENCIES } from '#contracts/event/currencies'
import { MAX_TEXT } from '#contracts/limits'
import {
  type ActivationSettings,
  activationSchema,
  STANDARD_ACTIVATION,
  toActivationSettings,
} from './activation.ts'

const text = z
  .string('must be a text')
  .trim()
  .min(1, 'must not be empty')
  .max(MAX_TEXT, `must have at most ${MAX_TEXT} characters`)

const country = z
  .string('must be a text, such as DE; NO and other words that YAML reads otherwise need quotes')
  .transform((code, context): CountryCode => {
    if (isSupportedCountry(code)) return code
    context.addIssue('must be two capital letters of ISO 3166, such as DE')
    return z.NEVER
  })

const currency = z
  .string('must be a text, such as EUR')
  .refine((code) => CURRENCIES.has(code), 'must be three capital letters of ISO 4217, such as EUR')

const MIN_WEIGHT = 0.001
const MAX_WEIGHT = 1000
const WEIGHT = `must be a number from ${MIN_WEIGHT} to ${MAX_WEIGHT}`

const fields = {
  default_country: country.optional(),
  default_currency: currency.optional(),
  default_consent: z
    .record(text, z.boolean('must be true or false'), 'must have categories with true or false')
    .optional(),
  contact: z.email('must be an e-mail address').optional(),
  fairness_weight: z.number(WEIGHT).min(MIN_WEIGHT, WEIGHT).max(MAX_WEIGHT, WEIGHT).optional(),
  activation: activationSchema.optional(),
}

const partner = z.strictObject({ name: text.optional(), ...fields }, 'must be a section of fields')

/** The whole file. */
export const registrySchema = z.strictObject(
  {
    defaults: z.strictObject(fields, 'must be a section of fields').nullish(),
    partners: z.record(text, partner.nullable(), 'must be a section of partner ids').nullish(),
  },
  'must be sections: defaults and partners',
)

type Fields = z.output<typeof partner>

export type PartnerSettings = {
  readonly name?: string | undefined
  /** ISO 3166 alpha-2: of phone numbers without a country code. */
  readonly country?: CountryCode | undefined
  /** ISO 4217: of an event without a currency. */
  readonly currency?: string | undefined
  /** Of an event without consent. */
  readonly consent?: Readonly<Record<string, boolean>> | undefined
  /** Where reports to the partner go. */
  readonly contact?: string | undefined
  /** The share of the partner where several wait for their turn, against 1 of another. */
  readonly fairnessWeight: number
  readonly activation: ActivationSettings
}

/** Of a partner about whom nothing is known, where the registry has no defaults. */
export const STANDARD_PARTNER: PartnerSettings = {
  fairnessWeight: 1,
  activation: STANDARD_ACTIVATION,
}

export type Registry = {
  readonly defaults: PartnerSettings
  readonly partners: ReadonlyMap<string, PartnerSettings>
}

export const EMPTY_REGISTRY: Registry = { defaults: STANDARD_PARTNER, partners: new Map() }

/** What applies to the partner: its own fields, and the defaults for the others. An unknown partner has the defaults. */
export const settingsOf = ({ defaults, partners }: Registry, partnerId: string): PartnerSettings =>
  partners.get(partnerId) ?? defaults

export function toRegistry({ defaults, partners }: z.output<typeof registrySchema>): Registry {
  const standard = withFields(STANDARD_PARTNER, defaults ?? {})
  const own = Object.entries(partners ?? {}).map(([id, one]): [string, PartnerSettings] => [
    id,
    withFields(standard, one ?? {}),
  ])
  return { defaults: standard, partners: new Map(own) }
}

/** The fields that are given, and those of `standard` for the others. */
function withFields(standard: PartnerSettings, given: Fields): PartnerSettings {
  const { default_country, default_currency, default_consent, fairness_weight } = given
  return {
    ...standard,
    ...(given.name !== undefined && { name: given.name }),
    ...(default_country !== undefined && { country: default_country }),
    ...(default_currency !== undefined && { currency: default_currency }),
    ...(default_consent !== undefined && { consent: default_consent }),
    ...(given.contact !== undefined && { contact: given.contact }),
    ...(fairness_weight !== undefined && { fairnessWeight: fairness_weight }),
    ...(given.activation !== undefined && {
      activation: toActivationSettings(given.activation, standard.activation),
    }),
  }
}
