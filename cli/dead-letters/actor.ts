// Who gives the command, where it does not say so.

import { userInfo } from 'node:os'
import { isActor, MAX_ACTOR } from '#operations/dead-letters/who'
import { UsageError } from '#runtime/errors'

/** @throws UsageError where this machine has no name for its user */
export function actorOf(given: string | undefined): string {
  if (given !== undefined) return given
  const user = systemUser()
  if (isActor(user)) return user
  throw new UsageError(
    `This machine does not say who you are: give one line of at most ${MAX_ACTOR} characters (--actor ann). It is recorded with what you do. Nothing was changed.`,
  )
}

function systemUser(): string {
  try {
    return userInfo().username
  } catch {
    // A container may run under a user id that has no name.
    return ''
  }
}
