// Short ids for people: eight digits stand for the workflow id of a dead letter, as a commit's do.

import { digest } from '#contracts'
import { OperationError } from '../errors.ts'

const DIGITS = 8
const LEAST_DIGITS = 4

export const shortId = (id: string): string => digest([id]).slice(0, DIGITS)

/**
 * @param text a whole id, its beginning (with or without `dead-letter/`), or at least four digits of its short id, in small letters or capitals
 * @param known every id there is
 * @throws OperationError `letter_unknown`, `letter_id_too_short` or `letter_id_ambiguous`
 */
export function resolveId(text: string, known: readonly string[]): string {
  if (known.includes(text)) return text
  const found = known.filter((id) => isMeant(text, id))
  const [only] = found
  if (only && found.length === 1) return only
  if (only) throw new OperationError('letter_id_ambiguous', { text, letters: found })
  throw isHex(text) && text.length < LEAST_DIGITS
    ? new OperationError('letter_id_too_short', { text, digits: LEAST_DIGITS })
    : new OperationError('letter_unknown', { text })
}

function isMeant(text: string, id: string): boolean {
  if (isHex(text) && text.length >= LEAST_DIGITS && shortId(id).startsWith(text.toLowerCase()))
    return true
  return id.startsWith(text) || id.startsWith(`dead-letter/${text}`)
}

const isHex = (text: string) => /^[0-9a-f]+$/i.test(text)
