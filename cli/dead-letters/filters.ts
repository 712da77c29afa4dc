// The filters of dead letters as options of a command.

import { type Command, Option } from 'commander'
import { STAGES, visibleInLine } from '#contracts'
import { EVENT_TYPES, FILTERS } from '#operations/dead-letters/filters'
import type { Filters } from '#warehouse/sql/dead-letter-groups'
import { anId } from '../option-values.ts'
import { WHEN_HELP, when } from '../when.ts'

export function withFilters(command: Command): Command {
  return command
    .option('--partner <id>', 'of this partner', anId)
    .addOption(new Option('--stage <name>', 'that failed at this stage').choices(STAGES))
    .option('--reason <code>', 'with this reason, such as amount_not_a_number')
    .addOption(new Option('--type <name>', 'with events of this type').choices(EVENT_TYPES))
    .addOption(new Option('--since <when>', `published since: ${WHEN_HELP}`).argParser(when))
    .addOption(new Option('--until <when>', 'published before').argParser(when))
}

/** What to say where nothing is found: a filter may be misspelt while others are open. */
export function nothingFound(filters: Filters, of: 'open' | 'all' = 'open'): string {
  const set = FILTERS.flatMap((name) => {
    const value = filters[name]
    return value === undefined
      ? []
      : `${name} ${typeof value === 'string' ? visibleInLine(value) : value.toISOString()}`
  })
  const what = set.length > 0 ? ` of ${set.join(', ')}` : ''
  if (of === 'open') return `No dead letter${what} is open.`
  return what ? `There is no dead letter${what}.` : 'There are no dead letters.'
}
