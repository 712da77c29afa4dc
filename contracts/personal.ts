// What is personal: the one list behind every place that hides it, by a field's name and by what a text looks like. Imports nothing.

/** The contract's own fields that say who somebody is, or lead to them. */
const OF_THE_CONTRACT = ['email', 'phone', 'customer_id', 'vin', 'gclid', 'gbraid', 'wbraid']

/** What partners are known to send beside the contract. */
const OF_PARTNERS = {
  contact: ['e_mail', 'mail', 'mobile', 'telephone', 'tel', 'fax', 'address', 'street'],
  place: ['zip', 'postcode', 'post_code', 'postal_code'],
  name: ['first_name', 'last_name', 'full_name', 'surname', 'given_name', 'family_name'],
  buyer: ['customer_name', 'buyer_name', 'owner_name', 'holder', 'user_id'],
  birth: ['birth', 'birthday', 'birthdate', 'dob'],
  papers: ['iban', 'card_number', 'passport', 'license_plate', 'licence_plate', 'plate'],
  browser: ['ip', 'fbclid', 'msclkid', 'cookie'],
}

const NAMES = new Set(
  [OF_THE_CONTRACT, ...Object.values(OF_PARTNERS)].flat().flatMap((name) => [name, joined(name)]),
)
const WORDS = new RegExp(`_(?:${[...NAMES].join('|')})s?_`)

/** However a partner writes it: `customerId`, `Customer-ID`, `vehicle_vin` and `billing.email.address` all count. */
export function isPersonal(field: string): boolean {
  const words = field
    .replace(/([a-z\d])([A-Z])/g, '$1_$2')
    .toLowerCase()
    .replace(/[^a-z\d]+/g, '_')
  return WORDS.test(`_${words}_`) || NAMES.has(joined(words))
}

/** Every masked value reads so: what reads so may never be taken for data again. */
export const MASK = /\(masked [a-z-]+\)/

/** Beyond it nothing of ours goes, and the stack of a recursion is safe. */
const MAX_SHOWN_DEPTH = 64

/**
 * A JSON value without what is personal in it: values of personal fields, addresses and telephone numbers inside
 * texts, and the same within JSON that is carried as text. Names of fields stay. Pure.
 */
export function maskPersonal(value: unknown): unknown {
  return masked(value, MAX_SHOWN_DEPTH)
}

/** `(masked string)` and the like: that something was there, and of which kind. Nothing stays nothing. */
export function mask(value: unknown): unknown {
  if (value === null || value === undefined) return value
  return `(masked ${kindOf(value)})`
}

function kindOf(value: unknown): string {
  if (typeof value !== 'object' || value === null) return typeof value
  if (Array.isArray(value)) return 'array'
  return 'isLosslessNumber' in value && !isPlain(value) ? 'number' : 'object'
}

// A text may have a megabyte: both patterns look at each of its characters once.
const WORD = /[^\s"'<>,;:()]+/g
const PHONE = /\+\d[\d ().\-/]{6,20}\d/g

/** Text without e-mail addresses and telephone numbers in international form. */
export function maskText(text: string): string {
  const noEmail = text.includes('@') ? text.replace(WORD, maskEmail) : text
  return noEmail.includes('+') ? noEmail.replace(PHONE, '(masked phone)') : noEmail
}

function maskEmail(word: string): string {
  const at = word.indexOf('@')
  return at > 0 && at < word.length - 1 ? '(masked e-mail)' : word
}

function masked(value: unknown, room: number): unknown {
  if (typeof value === 'string')
    return looksLikeJson(value) ? maskJson(value, room) : maskText(value)
  if (typeof value !== 'object' || value === null) return value
  if (room === 0) return mask(value)
  if (Array.isArray(value)) return value.map((inner) => masked(inner, room - 1))
  if (!isPlain(value)) return value
  const entries = Object.entries(value).map(([name, inner]) => [
    maskText(name),
    isPersonal(name) ? mask(inner) : masked(inner, room - 1),
  ])
  return Object.fromEntries(entries)
}

const looksLikeJson = (text: string) => /^\s*\[?\s*\{/.test(text)

/** What cannot be parsed cannot be masked field by field: it goes whole. */
function maskJson(text: string, room: number): unknown {
  try {
    const value: unknown = JSON.parse(text)
    return JSON.stringify(masked(value, room - 1))
  } catch {
    return mask(text)
  }
}

/** Not an exact number or another object with a meaning of its own. */
function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}

function joined(name: string): string {
  return name.replaceAll('_', '')
}
