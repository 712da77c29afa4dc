// `npm run dlq -- summary`: how much is open, by reason, partner and stage.

import { type Command, Option } from 'commander'
import { type Sum, sumOpenEvents } from '#operations/dead-letters/list'
import { openReader } from '#warehouse/open-reader'
import type { Filters } from '#warehouse/sql/dead-letter-groups'
import { loadEnvironment } from '../environment.ts'
import { whole } from '../option-values.ts'
import { print } from '../output/print.ts'
import { render } from '../output/tables.ts'
import { ageOf } from './age.ts'
import { nothingFound, withFilters } from './filters.ts'

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
      const store = openReader(await loadEnvironment(['BIGQUERY_EMULATOR_HOST']))
      const sums = await sumOpenEvents(store, options)
      print(summaryText(sums, options))
    })
}

const HELP = `
An event with several reasons counts for each of them.

Examples:
  npm run dlq -- summary
  npm run dlq -- summary --partner dealer-7
  npm run -s dlq -- summary --json`

/** The JSON has all of them, whatever the limit of the lines is. Pure. */
export const summaryText = (sums: readonly Sum[], options: SummaryOptions): string =>
  options.json ? render(sums, 'json') : tableOf(sums, options)

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
