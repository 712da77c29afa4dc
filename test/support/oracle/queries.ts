// The queries of the oracle: one for each line of the grammar, and random ones of any lines.

import fc from 'fast-check'
import { type Generated, grammar, SECTIONS } from './grammar.ts'

export type Query = {
  readonly sql: string
  /** Whether the order of the rows is part of the answer. */
  readonly ordered: boolean
  /** The lines of the grammar that it was made of. */
  readonly uses: readonly string[]
}

/** Every line once, with columns and literals for its parts. */
export function lineQueries(seed: number): readonly Query[] {
  const { line: arbitraryOf } = grammar(0)
  const { scalars, queries } = SECTIONS
  const linesOf = (section: string) => queries.get(section) ?? []
  const samples = (line: string, i: number, n: number) =>
    fc.sample(arbitraryOf(line), { numRuns: n, seed: seed + i })
  const inColumns = (line: string, i: number) =>
    selected(['e.id', ...samples(line, i, 3).map(({ sql }) => sql)])
  return [
    ...[...scalars.values(), linesOf('window')].flat().map((line, i) => ({
      sql: `${inColumns(line, i)} ORDER BY e.id`,
      ordered: true,
      uses: [line],
    })),
    ...linesOf('aggregate').map((line, i) => ({
      sql: `${selected(['e.g', ...samples(line, i, 2).map(({ sql }) => sql)])} GROUP BY e.g`,
      ordered: false,
      uses: [line],
    })),
    ...Object.entries(shapes).flatMap(([section, ordered]) =>
      linesOf(section).flatMap((line, i) =>
        samples(line, i, 2).map((generated) => queryOf(generated, ordered)),
      ),
    ),
  ]
}

/** Sections of whole queries, and whether their rows have an order. */
const shapes = { 'rows in order': true, 'rows in any order': false }

const selected = ([first = '', ...columns]: readonly string[]) =>
  `SELECT ${[first, ...columns.map((sql, i) => `${sql} AS c${i + 1}`)].join(', ')} FROM events AS e`

const queryOf = ({ sql, uses }: Generated, ordered: boolean): Query => ({ sql, uses, ordered })

/** Queries of any shape, whose expressions are nested two deep at most. */
export function anyQuery(): fc.Arbitrary<Query> {
  const { section } = grammar(2)
  return fc.oneof(
    ...Object.entries(shapes).map(([name, ordered]) =>
      section(name).map((generated) => queryOf(generated, ordered)),
    ),
  )
}
