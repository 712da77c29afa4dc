// What people wrote about a dead letter, without what is about a person. Pure.

import { ERASED, type Person, type PersonTraces } from '#contracts'
import { hasWord } from '#contracts/event/names-person'
import type { PersonAction } from '../sql/person-actions.ts'

/** @returns null where nothing of the action is about the person */
export function withoutPerson(
  action: PersonAction,
  { customerId }: Person,
  { messageIds, identifiers, orders }: Pick<PersonTraces, 'messageIds' | 'identifiers' | 'orders'>,
): PersonAction | null {
  const own = new Set(messageIds)
  const { reason, patch } = action
  const words = [customerId, ...identifiers, ...orders]
  const isTold = words.some((word) => hasWord(Buffer.from(reason), word))
  const isChanged = patch?.some(({ messages }) => messages.some((id) => own.has(id))) === true
  if (!isTold && !isChanged) return null
  const others = patch?.flatMap((change) => {
    const messages = change.messages.filter((id) => !own.has(id))
    return messages.length > 0 ? [{ ...change, messages }] : []
  })
  return {
    ...action,
    reason: isTold ? ERASED : reason,
    patch: others && others.length > 0 ? others : null,
  }
}
