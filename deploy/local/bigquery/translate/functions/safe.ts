// SAFE. and SAFE_CAST: an error of the function itself is NULL, and an error of its arguments stays one.

import type { Call } from './rule.ts'

/** `body` of the arguments, or NULL where it fails after they have been computed. */
export function withoutErrors(
  { args, nodes }: Pick<Call, 'args' | 'nodes'>,
  body: (args: readonly string[]) => string,
): string {
  const tried = `TRY(${body(args)})`
  const computed = args.filter((_, i) => !isAtHand(nodes[i]))
  // They are computed first, and outside of TRY. A row of values is never NULL.
  return computed.length === 0
    ? tried
    : `CASE WHEN row(${computed.join(', ')}) IS NOT NULL THEN ${tried} END`
}

/** Whether nothing has to be computed, which could fail. */
const isAtHand = (node: Call['nodes'][number] | undefined) =>
  node?.node === 'literal' || node?.node === 'parameter' || node?.node === 'column_ref'
