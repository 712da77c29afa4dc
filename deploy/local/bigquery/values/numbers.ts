// Reads the numbers and the base64 text of streamed rows as BigQuery takes them: exactly or not at all.

const DECIMAL_TEXT = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,3}))?$/
const BASE64_TEXT = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}(?:==)?|[A-Za-z0-9+/]{3}=?)?$/
const INT64_LIMIT = 2n ** 63n
// NUMERIC has 38 digits, 9 of them after the point.
const NUMERIC_SCALE = 9
const NUMERIC_LIMIT = 10n ** 38n

/** An INT64 from an integral number or its text. A JSON number beyond 2^53 is not taken: JSON.parse has rounded it. */
export function parseInteger(value: unknown): bigint | undefined {
  if (typeof value === 'number') return Number.isSafeInteger(value) ? BigInt(value) : undefined
  if (typeof value !== 'string' || !/^[+-]?\d{1,19}$/.test(value)) return undefined
  const integer = BigInt(value.replace('+', ''))
  return integer >= -INT64_LIMIT && integer < INT64_LIMIT ? integer : undefined
}

/** A FLOAT64 from a number, its text, or `NaN`, `inf`, `-Infinity` and the like. */
export function parseFloat64(value: unknown): number | undefined {
  if (typeof value === 'number') return value
  if (typeof value !== 'string') return undefined
  const [, sign, special] = /^([+-]?)(inf|infinity|nan)$/i.exec(value) ?? []
  if (special?.toLowerCase() === 'nan') return Number.NaN
  if (special) return sign === '-' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY
  const number = DECIMAL_TEXT.test(value) && /\d/.test(value) ? Number(value) : Number.NaN
  return Number.isFinite(number) ? number : undefined
}

/** A NUMERIC from a number or its text, in billionths; undefined if digits would be lost. */
export function parseNumeric(value: unknown): bigint | undefined {
  if (typeof value === 'number' && Number.isInteger(value) && !Number.isSafeInteger(value))
    return undefined
  const text = typeof value === 'number' ? String(value) : value
  const parts = typeof text === 'string' ? DECIMAL_TEXT.exec(text) : null
  const [, sign, whole = '', fraction = '', exponent = '0'] = parts ?? []
  if (!parts || (whole === '' && fraction === '')) return undefined
  const shift = NUMERIC_SCALE - fraction.length + Number(exponent)
  const billionths = shifted(BigInt(whole + fraction), shift)
  if (billionths === undefined || billionths >= NUMERIC_LIMIT) return undefined
  return sign === '-' ? -billionths : billionths
}

// BigQuery does not round streamed rows: what is shifted out must be zeros.
function shifted(digits: bigint, places: number) {
  if (places >= 0) return digits * 10n ** BigInt(places)
  const divisor = 10n ** BigInt(-places)
  return digits % divisor === 0n ? digits / divisor : undefined
}

/** The bytes of a standard base64 text, with or without padding. */
export const parseBytes = (text: string): Buffer | undefined =>
  BASE64_TEXT.test(text) ? Buffer.from(text, 'base64') : undefined
