// Short ids for people: eight digits stand for the workflow id of a dead letter, as a commit's do.

import { digest } from '#contracts'
import { UsageError } from '#runtime/errors'

const DIGITS = 8
const LEAST_DIGITS = 4

export const shortId = (id: string): string => digest([id]).slice(0, DIGITS)

/**
 * @param text a whole id, its beginning (with or without `dead-letter/`), or at least four digits of its short id, in small letters or capitals
 * @param known every id there is
 * @throws UsageError where none of them or several begin so
 */
export function resolveId(text: string, known: readonly string[]): string {
  if (known.includes(text)) return text
  const found = known.filter((id) => isMeant(text, id))
  const [only] = found
  if (only && found.length === 1) return only
  throw new UsageError(
    only
      ? `${text} begins ${found.length} ids, such as ${found.slice(0, 3).map(shortId).join(', ')}: give more of it.`
      : whyNone(text),
  )
}

function whyNone(text: string): string {
  const list = '`npm run dlq -- list --all` shows those there are.'
  return isHex(text) && text.length < LEAST_DIGITS
    ? `${text} is too short: give at least four digits of the id. ${list}`
    : `There is no dead letter ${text}: ${list}`
}

function isMeant(text: string, id: string): boolean {
  if (isHex(text) && text.length >= LEAST_DIGITS && shortId(id).startsWith(text.toLowerCase()))
    return true
  return id.startsWith(text) || id.startsWith(`dead-letter/${text}`)
}

const isHex = (text: string) => /^[0-9a-f]+$/i.test(text)
