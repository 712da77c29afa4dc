// JUSTIFY_HOURS, JUSTIFY_DAYS and JUSTIFY_INTERVAL: 24 hours are a day, 30 days a month, and the parts get the same sign.

import { DuckDBIntervalValue } from '@duckdb/node-api'

const DAYS_A_MONTH = 30
const MICROS_A_DAY = 86_400_000_000n

type Interval = Pick<DuckDBIntervalValue, 'months' | 'days' | 'micros'>

export const justifyHours = ({ months, days, micros }: Interval): DuckDBIntervalValue => {
  const [more, rest] = carried(BigInt(days), micros, MICROS_A_DAY)
  return new DuckDBIntervalValue(months, Number(more), rest)
}

export const justifyDays = ({ months, days, micros }: Interval): DuckDBIntervalValue => {
  const [more, rest] = carried(BigInt(months), BigInt(days), BigInt(DAYS_A_MONTH))
  return new DuckDBIntervalValue(Number(more), Number(rest), micros)
}

/** All three parts as one amount, which has one sign. */
export function justifyInterval({ months, days, micros }: Interval): DuckDBIntervalValue {
  const allDays = BigInt(months) * BigInt(DAYS_A_MONTH) + BigInt(days)
  const all = allDays * MICROS_A_DAY + micros
  const wholeDays = all / MICROS_A_DAY
  return new DuckDBIntervalValue(
    Number(wholeDays / BigInt(DAYS_A_MONTH)),
    Number(wholeDays % BigInt(DAYS_A_MONTH)),
    all % MICROS_A_DAY,
  )
}

/** The smaller part in whole larger ones, and what is left of it, with the sign of the larger. */
function carried(large: bigint, small: bigint, size: bigint): readonly [bigint, bigint] {
  const all = large * size + small
  return [all / size, all % size]
}
