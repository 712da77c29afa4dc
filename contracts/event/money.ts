// Money in the form of BigQuery's NUMERIC: exact decimal text that is never converted to a float.

const NUMERAL = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/

/** NUMERIC(38, 9): 29 digits before the point and nine after it. */
const MAX_INTEGER_DIGITS = 29
const MAX_DECIMALS = 9

/** A numeral with a larger exponent cannot fit, and must not be expanded to its digits. */
const MAX_EXPONENT = 100

export type Money =
  | { readonly ok: true; readonly decimal: string }
  | { readonly ok: false; readonly reason: MoneyReason }

export type MoneyReason =
  | 'amount_not_a_number'
  | 'amount_not_positive'
  | 'amount_too_many_decimals'
  | 'amount_too_large'

/** A JSON numeral (`45000.00`, `4.5e4`) as plain decimal text without superfluous zeros, or the rule it breaks. */
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

/** A loop, because the expression `0+$` takes quadratic time and a partner can send a million zeros. */
function withoutZerosAtEnd(digits: string): string {
  let end = digits.length
  while (digits[end - 1] === '0') end--
  return digits.slice(0, end)
}
