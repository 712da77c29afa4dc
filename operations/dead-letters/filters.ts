// The filters that select dead letters, and the text in which people write them.

import { fromVisible, STAGES } from '#contracts'
import type { Filters } from '#warehouse/sql/dead-letter-groups'
import { OperationError } from '../errors.ts'
import { parseWhen } from '../when.ts'

export const EVENT_TYPES = ['purchase', 'cancellation', 'unknown'] as const

export const FILTERS = ['partner', 'stage', 'reason', 'type', 'since', 'until'] as const
const NAMES: readonly string[] = FILTERS

/** A text of filters, which selects by the tables, or a query as Temporal's UI takes it. */
export type Query =
  | { readonly kind: 'filters'; readonly filters: Filters }
  | { readonly kind: 'temporal'; readonly query: string }

const FILTER = /(?<!\S)(\w+)=(?:"([^"]*)"|([^\s"]+))(?!\S)/g

/** At least one filter, and nothing but filters. */
function isFilters(text: string): boolean {
  const rest = text.replace(FILTER, (filter, name: string) => (NAMES.includes(name) ? '' : filter))
  return rest !== text && rest.trim() === ''
}

/**
 * Reads `partner=dealer-7 reason=amount_not_a_number since=2h`, or takes the text for a query of Temporal's.
 * @throws OperationError `query_unreadable`, `filter_unknown`, `filter_value_unknown` or `filter_time_unreadable`
 */
export function readQuery(text: string): Query {
  if (!isFilters(text)) return readOther(text)
  const pairs = Array.from(text.matchAll(FILTER), ([, name = '', quoted, bare]) => [
    name,
    quoted ?? bare ?? '',
  ])
  const values: Record<string, string> = Object.fromEntries(pairs)
  const { since, until, ...others } = values
  if (others['partner'] !== undefined) others['partner'] = fromVisible(others['partner'])
  requireOneOf('stage', STAGES, values['stage'])
  requireOneOf('type', EVENT_TYPES, values['type'])
  const times = { ...timeOf('since', since), ...timeOf('until', until) }
  return { kind: 'filters', filters: { ...others, ...times } }
}

const TEMPORAL = /['()<>!]|\b(?:AND|OR|NOT|IN|IS|BETWEEN|STARTS_WITH)\b/i
const NAMED = /(?<![\w-])([\w-]+)\s*=\s*("?)/g

/** Temporal's attributes begin with a capital letter, and its texts are quoted; a text with neither was meant as filters. */
function readOther(text: string): Query {
  const bare = text.replaceAll(/"[^"]*"/g, '""')
  const named = Array.from(bare.matchAll(NAMED), ([, name = '', quote]) => ({ name, quote }))
  const isAttribute = ({ name, quote }: (typeof named)[number]) =>
    /^[A-Z]/.test(name) && (quote === '"' || !NAMES.includes(name.toLowerCase()))
  if (TEMPORAL.test(bare) || named.some(isAttribute)) return { kind: 'temporal', query: text }
  const unknown = named.find(({ name }) => !NAMES.includes(name))
  throw unknown
    ? new OperationError('filter_unknown', { name: unknown.name })
    : new OperationError('query_unreadable', { query: text })
}

function requireOneOf(name: string, choices: readonly string[], value: string | undefined): void {
  if (value === undefined || choices.includes(value)) return
  throw new OperationError('filter_value_unknown', { name, value, choices })
}

function timeOf(name: string, value: string | undefined): Record<string, Date> {
  if (value === undefined) return {}
  const time = parseWhen(value)
  if (time) return { [name]: time }
  throw new OperationError('filter_time_unreadable', { name, value })
}
