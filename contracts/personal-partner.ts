// Detects a partner id that is an e-mail address or a telephone number: Temporal must not store it unencrypted.
// Imports only `mask-contacts.ts`, so workflows may use it.

import { maskContacts } from './mask-contacts.ts'

/** Digits and the characters that people write between them. An id has 256 characters at most. */
const LIKE_A_NUMBER = /^[\d\s()./-]+$/

/** A number with an area or country code, or in groups of digits. A plain number may be a customer number and is not hidden. */
const DIALLED = /^(?:00?[1-9]|\(\d)|\d[\s().-]+\d/

const LEAST_DIGITS = 7
const MOST_DIGITS = 17

/**
 * True for what `maskText` would mask, also where it is written in full-width or percent-encoded characters, and for
 * telephone numbers in national form. Linear in the length of the id.
 */
export function isPersonalPartner(partnerId: string): boolean {
  const text = partnerId.normalize('NFKC').replaceAll(/%40/g, '@').replaceAll(/%2b/gi, '+').trim()
  return maskContacts(text) !== text || isTelephoneNumber(text)
}

function isTelephoneNumber(text: string): boolean {
  if (!LIKE_A_NUMBER.test(text) || !DIALLED.test(text)) return false
  const digits = text.replaceAll(/\D/g, '').length
  return digits >= LEAST_DIGITS && digits <= MOST_DIGITS
}
