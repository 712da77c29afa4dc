// Adds amounts of money exactly. Imports nothing.

const DECIMAL = /^(-?)(\d+)(?:\.(\d{1,9}))?$/
const DECIMALS = 9
const UNIT = 10n ** BigInt(DECIMALS)

/**
 * The exact sum as plain decimal text without superfluous zeros; '0' for no amounts. A negative amount is subtracted.
 * @param decimals plain decimal text of at most nine decimals, as `toMoney` gives it
 * @throws RangeError for any other text
 */
export function sumOf(decimals: readonly string[]): string {
  return toDecimal(decimals.reduce((sum, decimal) => sum + toBillionths(decimal), 0n))
}

function toBillionths(decimal: string): bigint {
  const match = DECIMAL.exec(decimal)
  if (!match) throw new RangeError('an amount is no decimal of at most nine decimals')
  const [, minus, whole = '0', fraction = ''] = match
  const amount = BigInt(whole + fraction.padEnd(DECIMALS, '0'))
  return minus === '-' ? -amount : amount
}

function toDecimal(billionths: bigint): string {
  const amount = billionths < 0n ? -billionths : billionths
  const fraction = String(amount % UNIT)
    .padStart(DECIMALS, '0')
    .replace(/0{1,9}$/, '')
  const whole = `${billionths < 0n ? '-' : ''}${amount / UNIT}`
  return fraction === '' ? whole : `${whole}.${fraction}`
}
