// Takes the REST API's rows apart, whose form nothing vouches for.

const hasKey = <K extends string>(value: unknown, key: K): value is Record<K, unknown> =>
  typeof value === 'object' && value !== null && key in value

/** `v` of a cell. */
export const contentOf = (cell: unknown): unknown => (hasKey(cell, 'v') ? cell.v : undefined)

/** The contents of a row's or a STRUCT's cells. */
export const contentsOf = (row: unknown): readonly unknown[] =>
  hasKey(row, 'f') && Array.isArray(row.f) ? row.f.map(contentOf) : []
