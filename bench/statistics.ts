// Medians and percentiles. Pure.

/** NaN of no values. */
export function median(values: readonly number[]): number {
  return percentile(values, 50)
}

/** Nearest rank; NaN of no values. */
export function percentile(values: readonly number[], percent: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.max(0, Math.ceil((percent * sorted.length) / 100) - 1)] ?? Number.NaN
}

/** Two decimals. */
export function ratio(a: number, b: number): number {
  return Math.round((a / b) * 100) / 100
}

export type Spread = { readonly p50: number; readonly p99: number; readonly p999: number }

export function spread(values: readonly number[]): Spread {
  return { p50: median(values), p99: percentile(values, 99), p999: percentile(values, 99.9) }
}

/** Median of the last quarter minus median of the second one. */
export function growthOf(samples: readonly number[]): number {
  const quarter = Math.floor(samples.length / 4)
  return median(samples.slice(3 * quarter)) - median(samples.slice(quarter, 2 * quarter))
}
