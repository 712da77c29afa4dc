// Generates queries from sections of alternatives, one a line: see the files in queries/.

import { readFileSync } from 'node:fs'
import fc from 'fast-check'

/** A generated text, and the alternatives it was made of, such as `UPPER({STRING})`. */
export type Generated = { readonly sql: string; readonly uses: readonly string[] }

const folder = new URL('queries/', import.meta.url)
const sectionsOf = (file: string): ReadonlyMap<string, readonly string[]> =>
  new Map(
    readFileSync(new URL(file, folder), 'utf8')
      .split(/^# /m)
      .slice(1)
      .map((section) => {
        const [name = '', ...lines] = section.trimEnd().split('\n')
        return [name, lines]
      }),
  )

/** Words and literals, expressions on rows, and queries with their aggregates and windows. */
export const SECTIONS = {
  words: sectionsOf('words.txt'),
  scalars: sectionsOf('scalars.txt'),
  queries: sectionsOf('queries.txt'),
}

const sections = new Map(Object.values(SECTIONS).flatMap((file) => [...file]))
const isCounted = new Set([...SECTIONS.scalars.values(), ...SECTIONS.queries.values()].flat())

/** Expressions are nested `depth` deep at most; at 0 they are columns and literals. */
export function grammar(depth: number) {
  const ties = fc.letrec<Readonly<Record<string, Generated>>>((tie) =>
    Object.fromEntries(
      [...sections.keys()].map((name) => [name, sectionOf(name, (each) => tie(each), depth)]),
    ),
  )
  const section = (name: string) => {
    const found = ties[name]
    if (!found) throw new Error(`The grammar has no section "${name}".`)
    return found
  }
  return { section, line: (text: string) => lineOf(text, section) }
}

type Sections = (name: string) => fc.Arbitrary<Generated>

function sectionOf(name: string, section: Sections, maxDepth: number) {
  const lines = sections.get(name) ?? []
  const arbitraries = lines.map((line) => lineOf(line, section))
  if (!sections.has(`${name} leaf`)) return fc.oneof(...arbitraries)
  const leaf = { arbitrary: section(`${name} leaf`), weight: Math.ceil(lines.length / 2) }
  const deeper = arbitraries.map((arbitrary) => ({ arbitrary, weight: 1 }))
  return fc.oneof(
    { maxDepth, depthIdentifier: 'expression', withCrossShrink: true },
    leaf,
    ...deeper,
  )
}

const placeholder = /\{(\w+)\}/

function lineOf(line: string, section: Sections): fc.Arbitrary<Generated> {
  const parts = line.split(placeholder)
  const chosen = parts.map((part, i) =>
    i % 2 ? section(part) : fc.constant({ sql: part, uses: [] }),
  )
  const own = isCounted.has(line) ? [line] : []
  return fc.tuple(...chosen).map((all) => ({
    sql: all.map(({ sql }) => sql).join(''),
    uses: [...own, ...all.flatMap(({ uses }) => uses)],
  }))
}
