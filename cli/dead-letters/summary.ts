// `npm run dlq -- summary`: how much is open, by reason, partner and stage.

import { type Command, Option } from 'commander'
import { groupBy } from '#runtime/group-by'
import { type Group, openStore, readGroups } from '#warehouse/sql/dead-letters'
import { loadEnvironment } from '../environment.ts'
import { whole } from '../option-values.ts'
import { print } from '../output/print.ts'
import { render } from '../output/tables.ts'
import { ageOf } from './age.ts'
import { type Filters, nothingFound, withFilters } from './filters.ts'

type SummaryOptions = Filters & { readonly limit: number; readonly json?: boolean }

export function registerSummary(program: Command): void {
  const command = program
    .command('summary')
    .description('What is open: events by reason, partner and stage, and the age of the oldest.')
  withFilters(command)
    .addOption(new Option('--limit <lines>', 'show no more').default(100).argParser(whole))
    .option('--json', 'print all of it as JSON')
    .addHelpText('after', HELP)
    .action(async (options: SummaryOptions) => {
      const store = openStore(await loadEnvironment(['BIGQUERY_EMULATOR_HOST']))
      const sums = sumsOf(await readGroups(store, 'open', options))
      print(options.json ? render(sums, 'json') : tableOf(sums, options))
    })
}

const HELP = `
An event with several reasons counts for each of them.

Examples:
  npm run dlq -- summary
  npm run dlq -- summary --partner dealer-7
  npm run -s dlq -- summary --json`

type Sum = {
  readonly reason: string
  readonly partner_id: string
  readonly stage: string
  readonly events: number
  readonly dead_letters: number
  readonly oldest_event_at: string
}

/** The most events first. Pure. */
export function sumsOf(groups: readonly Group[]): Sum[] {
  const lines = groups.flatMap((group) => group.reasons.map((reason) => ({ ...group, reason })))
  const byKey = groupBy(lines, ({ reason, partner, stage }) =>
    JSON.stringify([reason, partner, stage]),
  )
  const sums = [...byKey.values()].flatMap((own) => {
    const [first] = own
    if (!first) return []
    return {
      reason: first.reason,
      partner_id: first.partner,
      stage: first.stage,
      events: own.reduce((total, { events }) => total + events, 0),
      dead_letters: new Set(own.map(({ id }) => id)).size,
      oldest_event_at: own.reduce((old, { oldest }) => (oldest < old ? oldest : old), first.oldest),
    }
  })
  return sums.toSorted((a, b) => b.events - a.events)
}

function tableOf(sums: readonly Sum[], options: SummaryOptions): string {
  const { limit } = options
  if (sums.length === 0) return nothingFound(options)
  const rows = sums
    .slice(0, limit)
    .map(({ oldest_event_at, dead_letters, partner_id, ...sum }) => ({
      reason: sum.reason,
      partner: partner_id,
      stage: sum.stage,
      events: sum.events,
      'dead letters': dead_letters,
      oldest: ageOf(oldest_event_at),
    }))
  const hidden = sums.length - rows.length
  const more = hidden > 0 ? `\n${hidden} more: narrow it down, or use --limit or --json.` : ''
  return `${render(rows, 'table')}${more}`
}
