// `npm run dlq -- redrive --dry-run`: says what would become of each event, and changes nothing.

import { LetterError } from '#operations/dead-letters/letter-error'
import {
  type OpenLetter,
  readOpenLetters,
  type Wanted,
} from '#operations/dead-letters/open-letters'
import { type Forecast, forecast, type Planned } from '#operations/dead-letters/plan'
import { shortId } from '#operations/dead-letters/short-id'
import { groupBy } from '#runtime/group-by'
import type { Store } from '#warehouse/sql/dead-letters'
import { print, tell } from '../output/print.ts'
import { render } from '../output/tables.ts'
import { named, skipped } from './outcomes.ts'

export type Plan = (letter: OpenLetter) => Planned

type Tried = {
  readonly forecasts: readonly Forecast[]
  readonly refusals: readonly LetterError[]
  readonly closedBefore: readonly string[]
  readonly doneBefore: number
}

type Trial = Wanted & {
  readonly plan: Plan
  /** Events of the edited file that are open no more. */
  readonly doneBefore: number
}

const EXIT = { sendable: 0, refused: 1 }

/** @returns the exit code: 1 where a dead letter cannot be sent as asked */
export async function dryRun(store: Store, trial: Trial, json = false): Promise<number> {
  const tried = await tryEach(store, trial)
  for (const { message } of tried.refusals) tell(message)
  print(json ? asJson(tried) : asText(tried))
  return tried.refusals.length > 0 ? EXIT.refused : EXIT.sendable
}

async function tryEach(store: Store, { plan, doneBefore, ...wanted }: Trial): Promise<Tried> {
  const forecasts: Forecast[] = []
  const refusals: LetterError[] = []
  const closedBefore: string[] = []
  for await (const letter of readOpenLetters(store, wanted, (id) => closedBefore.push(id))) {
    try {
      forecasts.push(...forecast(plan(letter)))
    } catch (error) {
      if (!(error instanceof LetterError)) throw error
      refusals.push(error)
    }
  }
  return { forecasts, refusals, closedBefore, doneBefore }
}

function asJson({ forecasts, refusals }: Tried): string {
  const refused = refusals.map(({ letter, why }) => ({
    dead_letter: shortId(letter),
    would: 'be refused',
    why,
  }))
  return render([...forecasts, ...refused], 'json')
}

/** A person reads so many lines; --json has all. */
const MAX_LINES = 50

function asText(tried: Tried): string {
  const { forecasts } = tried
  const rows = forecasts.slice(0, MAX_LINES).map(({ reasons, changed, ...one }) => ({
    ...one,
    changed: changed ? 'yes' : 'no',
    reasons: reasons.join(', '),
  }))
  const hidden = forecasts.length - rows.length
  return [
    ...(rows.length > 0 ? [render(rows, 'table')] : []),
    ...(hidden > 0 ? [`${hidden} more: --json has all.`] : []),
    `${sumOf(tried)} Nothing was changed.`,
  ].join('\n')
}

function sumOf({ forecasts, refusals, closedBefore, doneBefore }: Tried): string {
  const closed = closedBefore.length > 0 ? [`${named(closedBefore)}: closed before.`] : []
  const words = [...wouldOf(forecasts), ...refusedOf(refusals), ...closed, ...skipped(doneBefore)]
  return words.length > 0 ? words.join(' ') : 'No open dead letter is as asked for.'
}

function wouldOf(forecasts: readonly Forecast[]): string[] {
  const counts = groupBy(forecasts, ({ would }) => would)
  const words = [...counts].map(([would, own]) => `${would} ${own.length}`)
  return words.length > 0 ? [`A redrive would ${words.join(', ')}.`] : []
}

/** Stderr says of all why. */
function refusedOf(refusals: readonly LetterError[]): string[] {
  if (refusals.length === 0) return []
  const what = refusals.length === 1 ? '1 dead letter' : `${refusals.length} dead letters`
  return [`${what} cannot be sent: ${named(refusals.map(({ letter }) => letter))}.`]
}
