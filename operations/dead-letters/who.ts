// Who resolves a dead letter, and why: it is recorded with what is done.

import { OperationError } from '../errors.ts'

export const MAX_ACTOR = 64
const MAX_REASON = 1_000

export type Who = {
  /** One line of at most 64 characters. */
  readonly actor: string
  /** Why, in one line of at most 1,000 characters. */
  readonly reason: string
}

/**
 * The names without the space around them. Pure.
 * @throws OperationError `actor_invalid` or `reason_invalid`
 */
export function checkWho({ actor, reason }: Who): Who {
  if (!isActor(actor)) throw new OperationError('actor_invalid', { maxLength: MAX_ACTOR })
  if (!isLine(reason.trim(), MAX_REASON))
    throw new OperationError('reason_invalid', { maxLength: MAX_REASON })
  return { actor: actor.trim(), reason: reason.trim() }
}

export const isActor = (text: string): boolean => isLine(text.trim(), MAX_ACTOR)

const isLine = (text: string, most: number) =>
  text !== '' && text.length <= most && !/[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/u.test(text)
