// The dead letters there are, and their sums.

import { SEVERAL_PARTNERS } from '#contracts'
import { groupBy } from '#runtime/group-by'
import type { Reader } from '#warehouse/read'
import type { Filters } from '#warehouse/sql/dead-letter-groups'
import { type Group, readGroups } from '#warehouse/sql/dead-letter-groups'
import { shortId } from './short-id.ts'

export type ListedLetter = {
  readonly short_id: string
  readonly id: string
  readonly state: 'open' | 'closed'
  readonly oldest_event_at: string
  /** `(several)` where it holds events of several, all of which were asked for. */
  readonly partner_id: string
  /** Whose events it holds, also those that were not asked for. */
  readonly partners: number
  readonly stages: readonly string[]
  readonly types: readonly string[]
  readonly events: number
  readonly reasons: readonly string[]
}

/** The oldest first. */
export async function listLetters(
  store: Reader,
  of: 'open' | 'all',
  filters: Filters = {},
): Promise<ListedLetter[]> {
  return lettersOf(await readGroups(store, of, filters))
}

function lettersOf(groups: readonly Group[]): ListedLetter[] {
  const byId = groupBy(groups, ({ id }) => id)
  return [...byId].flatMap(([id, own]) => {
    const [first] = own
    if (!first) return []
    const partners = unique(own.map(({ partner }) => partner))
    return {
      short_id: shortId(id),
      id,
      state: first.isOpen ? ('open' as const) : ('closed' as const),
      oldest_event_at: oldestOf(own),
      partner_id: partners.length > 1 ? SEVERAL_PARTNERS : first.partner,
      partners: first.partners,
      stages: unique(own.map(({ stage }) => stage)),
      types: unique(own.map(({ type }) => type)),
      events: eventsOf(own),
      reasons: unique(
        own.toSorted((a, b) => b.events - a.events).flatMap(({ reasons }) => reasons),
      ),
    }
  })
}

export type Sum = {
  readonly reason: string
  readonly partner_id: string
  readonly stage: string
  readonly events: number
  readonly dead_letters: number
  readonly oldest_event_at: string
}

/** What is open by reason, partner and stage, the most events first. An event counts for each of its reasons. */
export async function sumOpenEvents(store: Reader, filters: Filters = {}): Promise<Sum[]> {
  return sumsOf(await readGroups(store, 'open', filters))
}

function sumsOf(groups: readonly Group[]): Sum[] {
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
      events: eventsOf(own),
      dead_letters: new Set(own.map(({ id }) => id)).size,
      oldest_event_at: oldestOf(own),
    }
  })
  return sums.toSorted((a, b) => b.events - a.events)
}

const unique = (values: readonly string[]) => [...new Set(values)]

const eventsOf = (groups: readonly Group[]) =>
  groups.reduce((total, { events }) => total + events, 0)

const oldestOf = (groups: readonly Group[]) =>
  groups.map(({ oldest }) => oldest).reduce((old, one) => (one < old ? one : old))
