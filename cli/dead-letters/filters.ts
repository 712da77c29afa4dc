// Which dead letters a command is about: the filters of `list`, as options or as the words of `--query`.

import { type Command, InvalidArgumentError, Option } from 'commander'
import { fromVisible, STAGES, visibleInLine } from '#contracts'
import { UsageError } from '#runtime/errors'
import { WHEN_HELP, when } from '../when.ts'

export type Filters = {
  readonly partner?: string
  readonly stage?: string
  /** A reason code of the contract, or of a sink. */
  readonly reason?: string
  readonly type?: string
  /** Published at that time or later. */
  readonly since?: Date
  /** Published before that time. */
  readonly until?: Date
}

const TYPES = ['purchase', 'cancellation', 'unknown']

export function withFilters(command: Command): Command {
  return command
    .option('--partner <id>', 'of this partner', fromVisible)
    .addOption(new Option('--stage <name>', 'that failed at this stage').choices(STAGES))
    .option('--reason <code>', 'with this reason, such as amount_not_a_number')
    .addOption(new Option('--type <name>', 'with events of this type').choices(TYPES))
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

/** What `--query` says: words of our own, which find everything, or a query as Temporal's UI takes it. */
export type Query =
  | { readonly kind: 'filters'; readonly filters: Filters }
  | { readonly kind: 'temporal'; readonly query: string }

const FILTERS = ['partner', 'stage', 'reason', 'type', 'since', 'until'] as const
const NAMES: readonly string[] = FILTERS
export const FILTER_NAMES = NAMES.join(', ')

const WORD = /(?<!\S)(\w+)=(?:"([^"]*)"|([^\s"]+))(?!\S)/g

/** At least one word, and nothing but words of ours. */
function isOwn(text: string): boolean {
  const rest = text.replace(WORD, (word, name: string) => (NAMES.includes(name) ? '' : word))
  return rest !== text && rest.trim() === ''
}

/**
 * `partner=dealer-7 reason=amount_not_a_number since=2h` are our own words.
 * @throws UsageError where it is neither that nor Temporal's, or a word of ours has a value it cannot have
 */
export function readQuery(text: string): Query {
  if (!isOwn(text)) return readOther(text)
  const words = Array.from(text.matchAll(WORD), ([, name = '', quoted, bare]) => [
    name,
    quoted ?? bare ?? '',
  ])
  const said: Record<string, string> = Object.fromEntries(words)
  const { since, until, ...others } = said
  if (others['partner'] !== undefined) others['partner'] = fromVisible(others['partner'])
  oneOf('stage', STAGES, said['stage'])
  oneOf('type', TYPES, said['type'])
  const times = { ...timeOf('since', since), ...timeOf('until', until) }
  return { kind: 'filters', filters: { ...others, ...times } }
}

const TEMPORAL = /['()<>!]|\b(?:AND|OR|NOT|IN|IS|BETWEEN|STARTS_WITH)\b/i
const NAMED = /(?<![\w-])([\w-]+)\s*=\s*("?)/g

/** Temporal's attributes begin with a capital, and its texts are quoted; what has neither was to be filters. */
function readOther(text: string): Query {
  const bare = text.replaceAll(/"[^"]*"/g, '""')
  const named = Array.from(bare.matchAll(NAMED), ([, name = '', quote]) => ({ name, quote }))
  const isAttribute = ({ name, quote }: (typeof named)[number]) =>
    /^[A-Z]/.test(name) && (quote === '"' || !NAMES.includes(name.toLowerCase()))
  if (TEMPORAL.test(bare) || named.some(isAttribute)) return { kind: 'temporal', query: text }
  const stranger = named.find(({ name }) => !NAMES.includes(name))
  throw new UsageError(
    stranger
      ? `There is no filter ${stranger.name}: ${FILTER_NAMES}. Nothing was changed.`
      : `--query "${text}" is no list of filters: write partner=dealer-7, with a value and no spaces. There are ${FILTER_NAMES}. Nothing was changed.`,
  )
}

function oneOf(name: string, choices: readonly string[], value: string | undefined): void {
  if (value === undefined || choices.includes(value)) return
  throw new UsageError(`--query: ${name}=${value} is none of ${choices.join(', ')}.`)
}

function timeOf(name: string, value: string | undefined): Record<string, Date> {
  if (value === undefined) return {}
  try {
    return { [name]: when(value) }
  } catch (error) {
    if (!(error instanceof InvalidArgumentError)) throw error
    throw new UsageError(`--query: ${name}=${value} cannot be used. ${error.message}`)
  }
}
