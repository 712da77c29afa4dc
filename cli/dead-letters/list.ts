// `npm run dlq -- list`: a line for each dead letter.

import { type Command, Option } from 'commander'
import { SEVERAL_PARTNERS } from '#contracts'
import { type ListedLetter, listLetters } from '#operations/dead-letters/list'
import { openReader } from '#warehouse/open-reader'
import type { Filters } from '#warehouse/sql/dead-letter-groups'
import { loadEnvironment } from '../environment.ts'
import { whole } from '../option-values.ts'
import { print } from '../output/print.ts'
import { type Row, render } from '../output/tables.ts'
import { ageOf } from './age.ts'
import { nothingFound, withFilters } from './filters.ts'

type ListOptions = Filters & {
  readonly all?: boolean
  readonly limit: number
  readonly json?: boolean
}

export function registerList(program: Command): void {
  const command = program
    .command('list')
    .description(
      'A line for each dead letter, the oldest first: id, age, partner, stage, events, reasons.',
    )
  withFilters(command)
    .addOption(new Option('--open', 'those that are open (the default)').conflicts('all'))
    .option('--all', 'those that are closed, too')
    .addOption(new Option('--limit <lines>', 'show no more').default(100).argParser(whole))
    .option('--json', 'print all of them as JSON')
    .addHelpText('after', HELP)
    .action(async (options: ListOptions) => {
      const store = openReader(await loadEnvironment(['BIGQUERY_EMULATOR_HOST']))
      const letters = await listLetters(store, options.all ? 'all' : 'open', options)
      print(listText(letters, options))
    })
}

const HELP = `
Examples:
  npm run dlq -- list
  npm run dlq -- list --partner dealer-7 --reason amount_not_a_number --since 2h
  npm run -s dlq -- list --all --json

Where a batch has failed events of many partners, those of the partners with the fewest share one dead letter. With
--partner its line counts that partner's events, and \`redrive\` and \`discard\` take those alone by --query partner=…;
by the id they take all of it.`

/** A dead letter that is named by its id is resolved whole: a person must see whose events else it holds. */
const whose = ({ partner_id, partners }: ListedLetter) => {
  if (partners > 1 && partner_id === SEVERAL_PARTNERS) return `${partners} partners`
  return partners > 1 ? `${partner_id}, with ${partners - 1} more` : partner_id
}

/** The JSON has all of them, whatever the limit of the lines is. Pure. */
export const listText = (letters: readonly ListedLetter[], options: ListOptions): string =>
  options.json ? render(letters, 'json') : tableOf(letters, options)

function tableOf(letters: readonly ListedLetter[], options: ListOptions): string {
  const { limit, all } = options
  if (letters.length === 0) return nothingFound(options, all ? 'all' : 'open')
  const rows = letters.slice(0, limit).map(
    (letter): Row => ({
      id: letter.short_id,
      ...(all && { state: letter.state }),
      age: ageOf(letter.oldest_event_at),
      partner: whose(letter),
      stage: letter.stages.join(', '),
      events: letter.events,
      reasons: letter.reasons.join(', '),
    }),
  )
  const hidden = letters.length - rows.length
  const more = hidden > 0 ? `\n${hidden} more: narrow it down, or use --limit or --json.` : ''
  return `${render(rows, 'table')}${more}`
}
