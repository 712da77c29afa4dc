// Says what came of a command that handled dead letters, and with which exit code it ends.

import { type Action, visibleInLine } from '#contracts'
import type { Done } from '#operations/dead-letters/run-all'
import { shortId } from '#operations/dead-letters/short-id'
import type { Outcome } from '#operations/dead-letters/start-redrive'
import { print } from '../output/print.ts'

export type Result = Done & {
  readonly action: Action
  /** Dead letters that were asked for. */
  readonly wanted: number
  /** Those of them that were closed when their turn came. */
  readonly closedBefore: readonly string[]
  /** Events of the edited file that were open no more. */
  readonly doneBefore: number
}

export const PAST: Readonly<Record<Action, string>> = {
  redrive: 'redriven',
  republish: 'republished',
  discard: 'discarded',
}

const EXIT = { done: 0, leftOpen: 1, interrupted: 130 }

/** @returns the exit code: 0 where nothing of what was asked for is open any more */
export function reportOutcomes(result: Result, json = false): number {
  const sums = sumsOf(result)
  const outcomes = result.outcomes.map((one) => ({ short_id: shortId(one.id), ...one }))
  const text = json
    ? JSON.stringify({ ...sums, ended: result.ended, outcomes }, null, 2)
    : wordsOf(result, sums).join('\n')
  print(text)
  if (result.ended === 'interrupted') return EXIT.interrupted
  return sums.closed + sums.closed_before === result.wanted ? EXIT.done : EXIT.leftOpen
}

function sumsOf({ outcomes, underWay, wanted, closedBefore, doneBefore }: Result) {
  const handled = outcomes.filter(({ outcome }) => outcome === 'closed' || outcome === 'failed')
  const closed = handled.filter(({ outcome }) => outcome === 'closed')
  return {
    dead_letters: wanted,
    closed: closed.length,
    closed_before: closedBefore.length,
    failed_again: handled.length - closed.length,
    under_way: underWay,
    events: handled.reduce((sum, { events }) => sum + events, 0),
    events_done_before: doneBefore,
    events_failed_again: handled.reduce((sum, { failed }) => sum + failed.length, 0),
  }
}

/** A person reads a few of many lines. */
const MAX_LINES = 20

function wordsOf(result: Result, sums: ReturnType<typeof sumsOf>): string[] {
  const { action, closedBefore, doneBefore, ended, outcomes, underWay } = result
  const open = outcomes.filter(({ message }) => message !== null)
  return [
    result.wanted === 0 ? nothingOpen(action) : headline(action, sums),
    ...open.slice(0, MAX_LINES).map(lineOf),
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

/** A line of the edited file that was done changes nothing the second time. */
export const skipped = (events: number): string[] =>
  events > 0
    ? [`${amount(events, 'event')} of the file ${events === 1 ? 'was' : 'were'} done before.`]
    : []

const nothingOpen = (action: Action) =>
  `Nothing was ${PAST[action]}: no open dead letter is as asked for. \`npm run dlq -- list\` shows those that are open.`

function headline(action: Action, sums: ReturnType<typeof sumsOf>): string {
  const letters = sums.closed + sums.failed_again
  if (letters === 0) return `Nothing was ${PAST[action]}${sums.under_way > 0 ? ' yet' : ''}.`
  const what = `${amount(sums.events, 'event')} of ${amount(letters, 'dead letter')} ${PAST[action]}`
  if (action !== 'redrive') return `${what}: closed, and kept in the tables.`
  const again = sums.events_failed_again
  return `${what}: ${sums.events - again} done, ${again} failed again.`
}

function stopped(underWay: number): string {
  const goesOn = underWay === 1 ? 'goes on by itself' : 'go on by themselves'
  const those = underWay > 0 ? `${amount(underWay, 'run')} under way ${goesOn}. ` : ''
  return `Stopped. ${those}The same command goes on with what is open.`
}

const lineOf = ({ id, message }: Outcome) => `${shortId(id)}: ${visibleInLine(message ?? '')}`

const amount = (count: number, what: string) => `${count} ${what}${count === 1 ? '' : 's'}`
