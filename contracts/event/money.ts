// Money as BigQuery's NUMERIC takes it: exact decimal text, never a float on the way.

const NUMERAL = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/

/** NUMERIC(38, 9): 29 digits before the point and nine after it. */
const MAX_INTEGER_DIGITS = 29
const MAX_DECIMALS = 9

/** Past this a numeral cannot fit anyway, and must not be written out. */
const MAX_EXPONENT = 100

export type Money =
  | { readonly ok: true; readonly decimal: string }
  | { readonly ok: false; readonly reason: MoneyReason }

export type MoneyReason =
  | 'amount_not_a_number'
  | 'amount_not_positive'
  | 'amount_too_many_decimals'
  | 'amount_too_large'

/** A JSON numeral (`45000.00`, `4.5e4`) as plain decimal text without idle zeros, or the rule it breaks. */
export function toMoney(numeral: string): Money {
  const match = NUMERAL.exec(numeral)
  if (!match) return { ok: false, reason: 'amount_not_a_number' }
  const [, minus, whole = '', fraction = '', exponentText = '0'] = match
  const digits = whole + fraction
  if (minus === '-' || /^0*$/.test(digits)) return { ok: false, reason: 'amount_not_positive' }
  const exponent = Number(exponentText)
  if (exponent > MAX_EXPONENT) return { ok: false, reason: 'amount_too_large' }
  if (exponent < -MAX_EXPONENT) return { ok: false, reason: 'amount_too_many_decimals' }
  return placePoint(digits, whole.length + exponent)
}

function placePoint(digits: string, point: number): Money {
  const padded = digits.padStart(digits.length + Math.max(0, -point), '0')
  const at = Math.max(0, point)
  const whole = padded.slice(0, at).padEnd(at, '0').replace(/^0+/, '') || '0'
  const fraction = withoutZerosAtEnd(padded.slice(at))
  if (whole.length > MAX_INTEGER_DIGITS) return { ok: false, reason: 'amount_too_large' }
  if (fraction.length > MAX_DECIMALS) return { ok: false, reason: 'amount_too_many_decimals' }
  return { ok: true, decimal: fraction === '' ? whole : `${whole}.${fraction}` }
}

/** By hand: the expression `0+$` would start at each zero anew, and a partner can send a million. */
function withoutZerosAtEnd(digits: string): string {
  let end = digits.length
  while (digits[end - 1] === '0') end--
  return digits.slice(0, end)
}
