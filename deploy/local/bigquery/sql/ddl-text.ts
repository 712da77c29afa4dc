// What the text of a DDL statement says before it is analyzed; everything else is read from what was resolved.

import type { Token } from './tokens.ts'

// What BigQuery can create, alter and drop and the local BigQuery has not. The analyzer is not asked about these: of
// capacities, reservations, assignments, projects and organizations it knows nothing, the body of a procedure is
// a script, and the others have options of their own.
const NOT_SUPPORTED = new Set(
  `AGGREGATE ALL ASSIGNMENT BI_CAPACITY CAPACITY CONNECTION EXTERNAL FUNCTION MATERIALIZED MODEL ORGANIZATION
   PROCEDURE PROJECT PROPERTY RESERVATION ROW SEARCH SNAPSHOT VECTOR`.split(/\s+/),
)

/** The statement's first words, where it is about a kind of object that the local BigQuery has not. */
export function objectNotSupported(tokens: readonly Token[]): string | undefined {
  const [change = '', ...after] = tokens.map(({ word }) => word)
  const named = after[0] === 'OR' ? after.slice(2) : after
  const isTemporary = /^TEMP(?:ORARY)?$/.test(named[0] ?? '')
  const [object = '', next] = isTemporary ? named.slice(1) : named
  const isTableFunction = object === 'TABLE' && next === 'FUNCTION'
  if (isTableFunction || NOT_SUPPORTED.has(object)) return `${change} ${object}`
  if (isTemporary) return `${change} TEMP ${object}`
  // The analyzer lacks the replicas of a dataset.
  return change === 'ALTER' && after.includes('REPLICA') ? 'ALTER SCHEMA REPLICA' : undefined
}

export type AlteredTable = { readonly path: readonly string[]; readonly ifExists: boolean }

/**
 * The table or view that ALTER names, as it is written. The analyzer needs it in its catalog, and does not give it
 * among the names of a statement's tables.
 */
export function alteredTable(tokens: readonly Token[]): AlteredTable | undefined {
  const words = tokens.map(({ word }) => word).join(' ')
  const [begin, ifExists] = /^ALTER (?:TABLE|VIEW)( IF EXISTS)? /.exec(words) ?? []
  if (begin === undefined) return undefined
  return { path: pathOf(tokens.slice(ifExists ? 4 : 2)), ifExists: ifExists !== undefined }
}

// The path ends before the first space that has no full stop next to it: `my-project.d.t` is one.
function pathOf(tokens: readonly Token[]): readonly string[] {
  const end = tokens.findIndex(({ space, text }, i) => {
    const isJoined = i === 0 || text === '.' || tokens[i - 1]?.text === '.'
    return space !== '' && !isJoined
  })
  const parts = ['']
  for (const { text, value } of end === -1 ? tokens : tokens.slice(0, end))
    if (text === '.') parts.push('')
    else parts.push(`${parts.pop() ?? ''}${value}`)
  return parts
}
