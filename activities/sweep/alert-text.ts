// The text of an alert: how many events of which partner failed, why, since when, and what to do. No personal data.

import { printablePartner, publicPartner, slackCode, slackText } from '#contracts'
import { groupBy } from '#runtime/group-by'

/** Events of one partner that have the same reasons. */
export type Count = {
  readonly partnerId: string
  readonly reasons: readonly string[]
  readonly events: number
  /** When the first of them was recorded. RFC 3339, UTC. */
  readonly oldest: string
}

type Group = { readonly name: string; readonly events: number; readonly counts: readonly Count[] }

/** The lines of one alert; `npm run dlq` shows all. */
const MAX_LINES = 10
const MAX_REASONS = 3

/**
 * One line for each partner with at least `threshold` failed events, and one for each reason with as many events of the other
 * partners together. In Slack's markup. Pure.
 * @returns null where no partner and no reason reaches the threshold
 */
export function alertText(counts: readonly Count[], threshold: number): string | null {
  const reach = (groups: readonly Group[]) => groups.filter(({ events }) => events >= threshold)
  const partners = reach(grouped(counts, ({ partnerId }) => [partnerId]))
  const told = new Set(partners.map(({ name }) => name))
  const others = counts.filter(({ partnerId }) => !told.has(partnerId))
  const reasons = reach(grouped(others, (count) => count.reasons))
  const all = partners.length + reasons.length
  if (all === 0) return null
  const lines = [
    ...partners.slice(0, MAX_LINES).map(partnerLine),
    ...reasons.slice(0, MAX_LINES).map(reasonLine),
  ]
  const more = all - MAX_LINES
  return [
    `*Dead letters: failed events since ${since([...partners, ...reasons])} UTC.* Nothing is lost: they wait for a decision.`,
    ...lines.slice(0, MAX_LINES),
    ...(more > 0 ? [`• and ${more} more partners or reasons`] : []),
    'All that is open: `npm run dlq -- summary`',
  ].join('\n')
}

function partnerLine({ name, events, counts }: Group): string {
  const printable = printablePartner(publicPartner(name))
  const byReason = grouped(counts, (count) => count.reasons)
  const reasons = byReason
    .slice(0, MAX_REASONS)
    .map((one) => `${slackText(one.name)} (${one.events})`)
  const rest = byReason.length > MAX_REASONS ? `, and ${byReason.length - MAX_REASONS} more` : ''
  // A partner id that had to be changed for printing would not be found by the command.
  const command = printable === name ? `: \`npm run dlq -- list --open --partner ${name}\`` : ''
  return `• \`${printable}\`: ${events} ${plural(events)}, ${reasons.join(', ')}${rest}${command}`
}

function reasonLine({ name, events, counts }: Group): string {
  const partners = new Set(counts.map(({ partnerId }) => partnerId)).size
  const of = partners === 1 ? 'one partner' : `${partners} partners`
  const command =
    slackText(name) === name ? `: \`npm run dlq -- list --open --reason ${name}\`` : ''
  return `• ${slackCode(name)}: ${events} ${plural(events)} of ${of}${command}`
}

/** The largest first. */
function grouped(counts: readonly Count[], namesOf: (count: Count) => readonly string[]): Group[] {
  const named = counts.flatMap((count) =>
    [...new Set(namesOf(count))].map((name) => ({ name, count })),
  )
  return [...groupBy(named, ({ name }) => name)]
    .map(([name, some]) =>
      toGroup(
        name,
        some.map(({ count }) => count),
      ),
    )
    .toSorted((a, b) => b.events - a.events)
}

const toGroup = (name: string, counts: readonly Count[]): Group => ({
  name,
  counts,
  events: sum(counts),
})

const sum = (counts: readonly Count[]) => counts.reduce((total, { events }) => total + events, 0)

const plural = (events: number) => (events === 1 ? 'event' : 'events')

/** For example `2026-11-25 10:05`. */
function since(groups: readonly Group[]): string {
  const times = groups.flatMap(({ counts }) => counts.map(({ oldest }) => oldest))
  return (times.toSorted()[0] ?? '').slice(0, 16).replace('T', ' ')
}
