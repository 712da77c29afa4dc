// Says what became of the dead letters a command resolved, and with which exit code it ends.

import { type Action, visibleInLine } from '#contracts'
import { type Counts, countsOf } from '#operations/dead-letters/counts'
import type { Outcome } from '#operations/dead-letters/outcome'
import type { ResolutionReport } from '#operations/dead-letters/resolve'
import { shortId } from '#operations/dead-letters/short-id'
import { wordsOf } from '../operation-errors.ts'
import { print } from '../output/print.ts'

export const PAST: Readonly<Record<Action, string>> = {
  redrive: 'redriven',
  republish: 'republished',
  discard: 'discarded',
}

const EXIT = { done: 0, leftOpen: 1, interrupted: 130 }

/** @returns the exit code: 0 where nothing of what was selected is open any more */
export function printOutcomes(result: ResolutionReport, json = false): number {
  const counts = countsOf(result)
  const outcomes = result.outcomes.map(rowOf)
  const text = json
    ? JSON.stringify({ ...counts, ended: result.ended, outcomes }, null, 2)
    : linesOf(result, counts).join('\n')
  print(text)
  if (result.ended === 'interrupted') return EXIT.interrupted
  return counts.closed + counts.closed_before === result.selected ? EXIT.done : EXIT.leftOpen
}

const rowOf = (one: Outcome) => ({
  short_id: shortId(one.id),
  id: one.id,
  outcome: one.outcome,
  events: one.events,
  failed: one.failed,
  message: messageOf(one),
})

/** A person reads a few of many lines. */
const MAX_LINES = 20

function linesOf(result: ResolutionReport, counts: Counts): string[] {
  const { action, closedBefore, doneBefore, ended, outcomes, underWay } = result
  const open = outcomes.flatMap(lineOf)
  return [
    result.selected === 0 ? nothingOpen(action) : headline(action, counts),
    ...open.slice(0, MAX_LINES),
    ...(open.length > MAX_LINES ? [`and ${open.length - MAX_LINES} more: --json has all.`] : []),
    ...(closedBefore.length > 0
      ? [`${named(closedBefore)}: closed before; nothing was changed.`]
      : []),
    ...skipped(doneBefore),
    ...(ended === 'interrupted' ? [stopped(underWay)] : []),
    ...(ended === 'too many failures'
      ? [
          'Stopped: a larger share failed again than --max-failures allows. Correct what `npm run dlq -- summary` shows, then give the command again.',
        ]
      : []),
    ...outcomes
      .filter(({ outcome }) => outcome === 'failed')
      .slice(0, 1)
      .map(
        ({ id }) =>
          `What failed again is open. Why, and what is next: npm run dlq -- show ${shortId(id)}`,
      ),
  ]
}

/** As many as can be named in a line. */
const MAX_NAMED = 3

export const named = (ids: readonly string[]): string =>
  `${ids.slice(0, MAX_NAMED).map(shortId).join(', ')}${ids.length > MAX_NAMED ? ', …' : ''}`

/** A line of the edited file whose event is closed changes nothing the second time. */
export const skipped = (events: number): string[] =>
  events > 0
    ? [`${amount(events, 'event')} of the file ${events === 1 ? 'was' : 'were'} done before.`]
    : []

const nothingOpen = (action: Action) =>
  `Nothing was ${PAST[action]}: no open dead letters match. \`npm run dlq -- list\` shows those that are open.`

function headline(action: Action, counts: Counts): string {
  const letters = counts.closed + counts.failed_again
  if (letters === 0) return `Nothing was ${PAST[action]}${counts.under_way > 0 ? ' yet' : ''}.`
  const what = `${amount(counts.events, 'event')} of ${amount(letters, 'dead letter')} ${PAST[action]}`
  if (action !== 'redrive') return `${what}: closed, and kept in the tables.`
  const again = counts.events_failed_again
  return `${what}: ${counts.events - again} done, ${again} failed again.`
}

function stopped(underWay: number): string {
  const continues = underWay === 1 ? 'continues by itself' : 'continue by themselves'
  const those = underWay > 0 ? `${amount(underWay, 'run')} under way ${continues}. ` : ''
  return `Stopped. ${those}The same command continues with what is open.`
}

function lineOf(one: Outcome): string[] {
  const message = messageOf(one)
  return message === null ? [] : [`${shortId(one.id)}: ${visibleInLine(message)}`]
}

/** What a person should know of a dead letter that is not simply closed. */
function messageOf(one: Outcome): string | null {
  if (one.outcome === 'closed') return null
  if (one.outcome === 'failed') return one.summary
  if (one.outcome === 'refused') return wordsOf(one.refusal)
  if (one.outcome === 'broken')
    return `its run ended before it was done, so it is open as before: ${one.why}. Fix that, then give the command again; where the cause is not clear, look at the run of ${one.id} in Temporal.`
  if (one.outcome === 'busy')
    return `another redrive or discard of it is under way; nothing was changed. What becomes of it: ${showOf(one.id)}`
  return one.isClosed
    ? 'it was closed before; nothing was changed.'
    : `somebody else resolved it a moment ago; nothing was changed. What of it is open: ${showOf(one.id)}`
}

const showOf = (id: string) => `npm run dlq -- show ${shortId(id)}`

const amount = (count: number, what: string) => `${count} ${what}${count === 1 ? '' : 's'}`
