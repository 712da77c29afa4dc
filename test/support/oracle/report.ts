// What the local BigQuery's README says of the oracle: how many queries are answered, and what is refused by name.

import { markdownTable } from 'markdown-table'
import type { Verdict } from './compare.ts'
import { type Results, RUNS, SEED } from './run.ts'

const begin = '<!-- Written by `npm run oracle`. -->'
const end = '<!-- The end of what is written. -->'

/** The README with the section of these results. */
export function withReport(readme: string, results: Results): string {
  const [before = '', rest = ''] = readme.split(begin)
  const [, after] = rest.split(end)
  if (after === undefined) throw new Error(`The README has no section between ${begin} and ${end}`)
  return `${before}${begin}\n\n${reportOf(results)}\n\n${end}${after}`
}

function reportOf({ lines, random, statements, cases }: Results): string {
  const groups = { lines, random, statements, cases }
  const verdicts = Object.values(groups).flatMap((judged) => judged.map(({ verdict }) => verdict))
  return `${countsOf(groups)}\n\n${refusalsOf(verdicts)}`
}

const titles = {
  lines: 'one for each function and form',
  random: `random ones of these (${RUNS}, seed ${SEED})`,
  statements: 'our own statements and views',
  cases: 'queries of analysts',
}

type Judged = readonly { readonly verdict: Verdict }[]

function countsOf(groups: Readonly<Record<keyof typeof titles, Judged>>) {
  const row = (title: string, judged: Judged) => {
    const count = (...kinds: readonly Verdict['kind'][]) =>
      String(judged.filter(({ verdict }) => kinds.includes(verdict.kind)).length)
    return [title, count('rows', 'error'), count('refused'), count('different'), count('unjudged')]
  }
  return markdownTable([
    ['queries', 'answered alike', 'refused by name', 'answered otherwise', 'not in the reference'],
    row(titles.lines, groups.lines),
    row(titles.random, groups.random),
    row(titles.statements, groups.statements),
    row(titles.cases, groups.cases),
  ])
}

function refusalsOf(verdicts: readonly Verdict[]) {
  const refused = verdicts.flatMap((verdict) => (verdict.kind === 'refused' ? [verdict.what] : []))
  const counted = [...new Set(refused)].toSorted().map((what) => {
    const times = refused.filter((each) => each === what).length
    return [what.replaceAll('|', '\\|'), String(times)]
  })
  return markdownTable([['not supported', 'queries'], ...counted])
}
