// The queries of the oracle: one for each line of the grammar, and random ones of any lines.

import fc from 'fast-check'
import { type Generated, grammar, SECTIONS } from './grammar.ts'

/** Columns that can stand in one query with those of others of the same frame. */
type Columns = { readonly frame: keyof typeof FRAMES; readonly columns: readonly string[] }

export type Query = {
  readonly sql: string
  /** Whether the order of the rows is part of the answer. */
  readonly ordered: boolean
  /** The lines of the grammar that it was made of. */
  readonly uses: readonly string[]
  /** What the query consists of, where it reads columns alone. */
  readonly parts?: Columns
}

/** Every line once, with columns and literals for its parts. */
export function lineQueries(seed: number): readonly Query[] {
  const { line: arbitraryOf } = grammar(0)
  const { scalars, queries } = SECTIONS
  const linesOf = (section: string) => queries.get(section) ?? []
  const samples = (line: string, i: number, n: number) =>
    fc.sample(arbitraryOf(line), { numRuns: n, seed: seed + i })
  const columnsOf = (line: string, i: number, n: number) =>
    samples(line, i, n).map(({ sql }) => sql)
  return [
    ...[...scalars.values(), linesOf('window')]
      .flat()
      .map((line, i) => ofColumns({ frame: 'rows', columns: columnsOf(line, i, 3) }, [line])),
    ...linesOf('aggregate').map((line, i) =>
      ofColumns({ frame: 'groups', columns: columnsOf(line, i, 2) }, [line]),
    ),
    ...linesOf('fixed').map((line) => ({ sql: line, ordered: false, uses: [line] })),
    ...Object.entries(shapes).flatMap(([section, ordered]) =>
      linesOf(section).flatMap((line, i) =>
        samples(line, i, 2).map((generated) => queryOf(generated, ordered)),
      ),
    ),
  ]
}

/** Sections of whole queries, and whether their rows have an order. */
const shapes = { 'rows in order': true, 'rows in any order': false }

/** How columns are read: of each row, or of each group of rows. */
const FRAMES = {
  rows: { first: 'e.id', rest: 'ORDER BY e.id', ordered: true },
  groups: { first: 'e.g', rest: 'GROUP BY e.g', ordered: false },
}

function ofColumns(parts: Columns, uses: readonly string[]): Query {
  const { first, rest, ordered } = FRAMES[parts.frame]
  const selected = [first, ...parts.columns.map((sql, i) => `${sql} AS c${i + 1}`)].join(', ')
  return { sql: `SELECT ${selected} FROM events AS e ${rest}`, ordered, uses, parts }
}

/** One query that reads the columns of all; undefined where they are not of one frame. */
export function joined(queries: readonly Query[]): Query | undefined {
  const parts = queries.flatMap((query) => query.parts ?? [])
  const [first, ...others] = parts
  if (!first || parts.length < queries.length) return undefined
  if (others.some(({ frame }) => frame !== first.frame)) return undefined
  const columns = parts.flatMap((each) => each.columns)
  return ofColumns(
    { ...first, columns },
    queries.flatMap(({ uses }) => uses),
  )
}

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
