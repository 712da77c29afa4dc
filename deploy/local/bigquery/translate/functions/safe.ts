// SAFE. and SAFE_CAST: an error of the function itself is NULL, and an error of its arguments stays one.

import type { Call } from './rule.ts'

/** `body` of the arguments, or NULL where it fails after they have been computed. */
export function withoutErrors(
  { args, nodes }: Pick<Call, 'args' | 'nodes'>,
  body: (args: readonly string[]) => string,
): string {
  const computed = args.filter((_, i) => !isAtHand(nodes[i]))
  const inner = args.map((sql) =>
    computed.includes(sql) ? `${ROW}.a${computed.indexOf(sql) + 1}` : sql,
  )
  const tried = `TRY(${body(inner)})`
  if (computed.length === 0) return tried
  // A lambda over a list of one row: the row is computed first, and outside of TRY.
  const row = `struct_pack(${computed.map((sql, i) => `a${i + 1} := ${sql}`).join(', ')})`
  return `list_extract(list_transform([${row}], lambda ${ROW}: ${tried}), 1)`
}

const ROW = 'computed'

/** Whether nothing has to be computed, which could fail. Rules look into literals, which stay where they are. */
const isAtHand = (node: Call['nodes'][number] | undefined) =>
  node?.node === 'literal' || node?.node === 'parameter' || node?.node === 'column_ref'
