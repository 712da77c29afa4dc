// A phone number as Google Ads matches it: in E.164 and hashed. Pure.

import { hash } from 'node:crypto'
import {
  type CountryCode,
  getCountryCallingCode,
  type PhoneNumber,
  parsePhoneNumberFromString,
} from 'libphonenumber-js/min'
import { readContact, type Usable, unusable, usable } from './usable.ts'

/** No way of writing one phone number takes more. */
const MAX_PHONE = 100

/**
 * SHA-256 of the number in E.164; a text that is a SHA-256 already passes in lower case.
 * @param country of a number that has no country code
 */
export function readPhone(text: string, country: CountryCode | undefined): Usable {
  return readContact(text, (clean) => {
    const number = bareNumber(clean)
    if (number === null) return unusable('unparseable')
    const e164 = toE164(number, country)
    if (e164 !== null) return usable(hash('sha256', e164, 'hex'))
    return unusable(isInternational(number) || country ? 'unparseable' : 'country_unknown')
  })
}

const LABEL =
  /^(?:tel|telephone|telefon|tlf|fon|phone|mobile|mobil|handy|mob|cell|cellphone|callto|sms|whatsapp)\b[\s.:/]*/i
const EXTENSION =
  // oxlint-disable-next-line regexp/no-super-linear-move -- a phone number has at most 100 characters
  /[\s,;(-]*(?:extension|extn|ext|durchwahl|dw|poste|anexo|interno|x|#)[\s.:=]*\d{1,7}\)?$/i
const SEPARATORS_AND_DIGITS = /^\+?[\d\s().\-/]+$/

/** The number without a label, an extension and parameters of a `tel:` URI; null where letters are left, or the number may be two. */
function bareNumber(text: string): string | null {
  if (text.length > MAX_PHONE) return null
  const number = text
    .replace(LABEL, '')
    .replace(/;(?:phone-context|isub)=.*$/i, '')
    .replace(EXTENSION, '')
    .replace(/^(\d{7,})\.0$/, '$1')
    .replace(/^\(\+/, '+(')
    .replace(/^\+[\s+]*(?:00)?/, '+')
    .trim()
  const digits = number.replace(/\D/g, '')
  return SEPARATORS_AND_DIGITS.test(number) && digits !== '' ? number : null
}

const isInternational = (number: string) => /^(?:\+|00)/.test(number)

/** The first reading that has a possible length for its country. Number ranges change, so that no other rule is applied. */
function toE164(number: string, country: CountryCode | undefined): string | null {
  for (const reading of readingsOf(number, country)) {
    const parsed = parse(reading, country)
    if (parsed && isPlausible(parsed)) return parsed.number
  }
  return null
}

const isPlausible = (reading: PhoneNumber) =>
  reading.isPossible() && !/^(\d)\1*$/.test(reading.nationalNumber)

const parse = (number: string, country: CountryCode | undefined): PhoneNumber | undefined =>
  parsePhoneNumberFromString(number, {
    extract: false,
    ...(country && { defaultCountry: country }),
  })

/** `00` is written for the plus sign in most countries, and `(0)` for a trunk zero also where there is none. */
function readingsOf(number: string, country: CountryCode | undefined): string[] {
  const withPlus = number.replace(/^00(?=[\s().-]*[1-9])/, '+')
  const readings = [withPlus, withPlus.replace(/\(0\)/, ''), number]
  return country && lacksPlus(number, country) ? [`+${number}`, ...readings] : readings
}

/**
 * True for `4915123456789` in Germany: where national numbers begin with a trunk zero, digits that begin with the country's
 * calling code instead are an international number without its plus sign.
 */
function lacksPlus(number: string, country: CountryCode): boolean {
  const digits = number.replace(/\D/g, '')
  if (number.startsWith('+') || !digits.startsWith(getCountryCallingCode(country))) return false
  const hasTrunkZero = parse(`0${digits}`, country)?.number === parse(digits, country)?.number
  return hasTrunkZero && parse(`+${digits}`, country)?.isValid() === true
}
