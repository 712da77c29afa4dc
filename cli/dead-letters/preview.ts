// Says what a redrive would do with each event, and with which exit code the command ends.

import type { Preview } from '#operations/dead-letters/preview'
import { shortId } from '#operations/dead-letters/short-id'
import type { LetterRefusedError } from '#operations/errors'
import { groupBy } from '#runtime/group-by'
import { sentenceOf, wordsOf } from '../operation-errors.ts'
import { print, tell } from '../output/print.ts'
import { render } from '../output/tables.ts'
import { named, skipped } from './outcomes.ts'

const EXIT = { sendable: 0, refused: 1 }

/** @returns the exit code: 1 where a dead letter cannot be sent as asked */
export function printPreview(preview: Preview, json = false): number {
  for (const refusal of preview.refusals) tell(sentenceOf(refusal))
  print(json ? asJson(preview) : asText(preview))
  return preview.refusals.length > 0 ? EXIT.refused : EXIT.sendable
}

function asJson({ forecasts, refusals }: Preview): string {
  const refused = refusals.map((refusal) => ({
    dead_letter: shortId(refusal.letter),
    would: 'be refused',
    why: wordsOf(refusal),
  }))
  return render([...forecasts, ...refused], 'json')
}

/** A person reads so many lines; --json has all. */
const MAX_LINES = 50

function asText(preview: Preview): string {
  const { forecasts } = preview
  const rows = forecasts.slice(0, MAX_LINES).map(({ reasons, changed, ...one }) => ({
    ...one,
    changed: changed ? 'yes' : 'no',
    reasons: reasons.join(', '),
  }))
  const hidden = forecasts.length - rows.length
  return [
    ...(rows.length > 0 ? [render(rows, 'table')] : []),
    ...(hidden > 0 ? [`${hidden} more: --json has all.`] : []),
    `${sumOf(preview)} Nothing was changed.`,
  ].join('\n')
}

function sumOf({ forecasts, refusals, closedBefore, doneBefore }: Preview): string {
  const closed = closedBefore.length > 0 ? [`${named(closedBefore)}: closed before.`] : []
  const words = [...wouldOf(forecasts), ...refusedOf(refusals), ...closed, ...skipped(doneBefore)]
  return words.length > 0 ? words.join(' ') : 'No open dead letters match.'
}

function wouldOf(forecasts: Preview['forecasts']): string[] {
  const counts = groupBy(forecasts, ({ would }) => would)
  const words = [...counts].map(([would, own]) => `${would} ${own.length}`)
  return words.length > 0 ? [`A redrive would ${words.join(', ')}.`] : []
}

/** The reasons of all are on stderr. */
function refusedOf(refusals: readonly LetterRefusedError[]): string[] {
  if (refusals.length === 0) return []
  const what = refusals.length === 1 ? '1 dead letter' : `${refusals.length} dead letters`
  return [`${what} cannot be sent: ${named(refusals.map(({ letter }) => letter))}.`]
}
