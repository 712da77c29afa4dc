// Says what would become of each event of a redrive, and changes nothing.

import { duplicatesOf, readEvent, reasonsOf } from '#contracts'
import type { Reader } from '#warehouse/read'
import { LetterRefusedError } from '../errors.ts'
import { type OpenLetter, readOpenLetters } from './open-letters.ts'
import type { Planned } from './plan.ts'
import type { Selection } from './select.ts'
import { shortId } from './short-id.ts'

/** What a redrive would do with an event, by the contract of this version. */
export type Forecast = {
  /** The short id. */
  readonly dead_letter: string
  readonly message: string
  readonly stage: string
  readonly changed: boolean
  readonly would: 'stage and activate' | 'activate' | 'reject again' | 'drop as a repeat'
  readonly reasons: readonly string[]
}

/** Pure. A sink may refuse what the contract takes: that shows only when it is asked. */
export function forecast({ letter, messages, changed }: Planned): Forecast[] {
  const readings = messages.map((message, index) => ({
    index,
    message,
    parsed: readEvent(message),
  }))
  const repeats = new Set(
    duplicatesOf(
      readings.flatMap(({ parsed, ...of }) =>
        parsed.accepted ? [{ ...of, event: parsed.event }] : [],
      ),
    ),
  )
  return readings.map(({ index, message, parsed }) => {
    const stage = letter.events[index]?.stage ?? 'validation'
    const about = {
      dead_letter: shortId(letter.id),
      message: message.messageId,
      stage,
      changed: changed.has(message.messageId),
    }
    if (!parsed.accepted) return { ...about, would: 'reject again', reasons: reasonsOf(parsed) }
    if (repeats.has(index)) return { ...about, would: 'drop as a repeat', reasons: [] }
    const would = stage === 'activation' ? 'activate' : 'stage and activate'
    return { ...about, would, reasons: [] }
  })
}

export type Preview = {
  readonly forecasts: readonly Forecast[]
  /** Dead letters that cannot be sent as asked. */
  readonly refusals: readonly LetterRefusedError[]
  /** Selected dead letters that are closed. */
  readonly closedBefore: readonly string[]
  /** Edited events that are closed. */
  readonly doneBefore: number
}

/** @param plan may throw a LetterRefusedError, which stops none of the others */
export async function previewEach(
  store: Reader,
  selection: Selection,
  plan: (letter: OpenLetter) => Planned,
): Promise<Omit<Preview, 'doneBefore'>> {
  const forecasts: Forecast[] = []
  const refusals: LetterRefusedError[] = []
  const closedBefore: string[] = []
  for await (const letter of readOpenLetters(store, selection, (id) => closedBefore.push(id))) {
    try {
      forecasts.push(...forecast(plan(letter)))
    } catch (error) {
      if (!(error instanceof LetterRefusedError)) throw error
      refusals.push(error)
    }
  }
  return { forecasts, refusals, closedBefore }
}
