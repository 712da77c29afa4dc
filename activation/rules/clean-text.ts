// Cleans a text that a partner sent as an identifier of what is invisible, and recognises texts that stand for no value. Pure.

import { hash } from 'node:crypto'

/** A longer text is no identifier; nothing of it is examined. */
export const MAX_IDENTIFIER = 2048

/**
 * The text without characters that are invisible or steer the direction of writing, with plain spaces and hyphens, in
 * Unicode's compatibility form, and without quotation marks around all of it.
 */
export function cleanText(text: string): string {
  const plain = text
    .normalize('NFKC')
    .replace(/\p{Cf}/gu, '')
    .replace(/[\p{Pd}\u2212]/gu, '-')
    .replace(/[\p{Zs}\p{Cc}]/gu, ' ')
  return withoutQuotes(plain.trim())
}

const QUOTED = /^["'`“”„‘’«»](.*)["'`“”„‘’«»]$/u

/** A spreadsheet puts one apostrophe in front of a number that it keeps as text. */
const withoutQuotes = (text: string) =>
  (QUOTED.exec(text)?.[1] ?? text).replace(/^'(?=\+?\d)/, '').trim()

const PLACEHOLDERS = [
  '',
  'undefined|null|nil|none|nan|na|n a|n/a|#n/a|#na|void|not set|not provided|not available|not applicable',
  'not given|no value|false|true|0|-|--|---|.|?|x|xx|xxx|test|tbd|todo|object object|object|string|value',
  'unknown|missing|absent|empty|blank|default|n.a.|anonymous|direct|organic|referral|cpc|no gclid',
  'keine|keine angabe|k.a.|unbekannt|gclid|gbraid|wbraid|email|e-mail|mail|phone|telephone|telefon',
].flatMap((line) => line.split('|'))

const PLACEHOLDER: ReadonlySet<string> = new Set(PLACEHOLDERS)

/** True for a text that a program or a person writes where there is no value: `undefined`, `(not set)`, `N/A`. */
export function isPlaceholder(text: string): boolean {
  const bare = text
    .toLowerCase()
    .replace(/[()[\]<>"'_\s]+/g, ' ')
    .trim()
  return PLACEHOLDER.has(bare)
}

const HASH = /^[0-9a-f]{64}$/i

/** Hashes of placeholders: a partner who hashes every field hashes those that have no value too. */
const HASHED_PLACEHOLDER: ReadonlySet<string> = new Set([
  ...PLACEHOLDERS.map((text) => hash('sha256', text, 'hex')),
  '0'.repeat(64),
])

/** The SHA-256 in lower case where the text is one, or null. */
export const hashIn = (text: string): string | null => (HASH.test(text) ? text.toLowerCase() : null)

export const isHashOfPlaceholder = (digest: string) => HASHED_PLACEHOLDER.has(digest)
