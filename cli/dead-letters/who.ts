// Who asks: named on the command line, or else the user of this machine. It is recorded.

import { userInfo } from 'node:os'
import { UsageError } from '../environment.ts'

const MAX_ACTOR = 64

/** @throws UsageError where there is no name, or one that does not fit a line */
export function actorOf(given: string | undefined): string {
  const actor = (given ?? systemUser()).trim()
  if (actor !== '' && actor.length <= MAX_ACTOR && !/\p{Cc}/u.test(actor)) return actor
  throw new UsageError(
    `Say who you are in at most ${MAX_ACTOR} characters: --actor ann. It is recorded with what you do.`,
  )
}

function systemUser(): string {
  try {
    return userInfo().username
  } catch {
    // A container may run under a number nobody has named.
    return ''
  }
}
