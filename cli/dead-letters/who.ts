// Who asks, and why: named on the command line, or else the user of this machine. It is recorded.

import { userInfo } from 'node:os'
import { UsageError } from '#runtime/errors'

const MAX_ACTOR = 64
const MAX_REASON = 1_000

/** @throws UsageError where there is no name, or one that does not fit a line */
export function actorOf(given: string | undefined): string {
  const actor = (given ?? systemUser()).trim()
  if (isLine(actor, MAX_ACTOR)) return actor
  throw new UsageError(
    `${given === undefined ? 'This machine does not say who you are' : '--actor is no name'}: give one line of at most ${MAX_ACTOR} characters (--actor ann). It is recorded with what you do. Nothing was changed.`,
  )
}

/** @throws UsageError where there is none, or one that does not fit a line */
export function reasonOf(given: string): string {
  const reason = given.trim()
  if (isLine(reason, MAX_REASON)) return reason
  throw new UsageError(
    `--reason cannot be used: give one line of at most ${MAX_REASON} characters. It is recorded for those who ask later. Nothing was changed.`,
  )
}

const isLine = (text: string, most: number) =>
  text !== '' && text.length <= most && !/[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/u.test(text)

function systemUser(): string {
  try {
    return userInfo().username
  } catch {
    // A container may run under a number nobody has named.
    return ''
  }
}
