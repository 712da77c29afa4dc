// Imports nothing, so workflows may use it.

/** The least of the numbers; null where all are. */
export function earliest(values: readonly (number | null)[]): number | null {
  const numbers = values.filter((value) => value !== null)
  return numbers.length === 0 ? null : Math.min(...numbers)
}
