// Who is to be erased, checked, and the digest that stands for the person.

import { digest, ERASED, type Person } from '#contracts'
import { hasWord } from '#contracts/event/names-person'
import { trimmed } from '#contracts/event/trim'
import { OperationError } from '../errors.ts'

/** Stands for partner and customer in workflow ids and receipts. Anyone who knows both can compute it. */
export const subjectOf = ({ partnerId, customerId }: Person): string =>
  digest(['erasure', partnerId, customerId])

/**
 * The ids without the space around them, as the tables have them. Pure.
 * @throws OperationError `person_invalid`, or `reason_names_person` where the reason has the customer id
 */
export function checkPerson({ partnerId, customerId }: Person, reason: string): Person {
  const person = { partnerId: trimmed(partnerId), customerId: trimmed(customerId) }
  const isMissing = person.partnerId === '' || person.customerId === ''
  if (isMissing || person.customerId === ERASED) throw new OperationError('person_invalid', {})
  if (hasWord(Buffer.from(reason), person.customerId))
    throw new OperationError('reason_names_person', {})
  return person
}
