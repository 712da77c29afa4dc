// White space and invisible characters around a text that a partner sent. Imports nothing.

/** Control, zero-width, directional and filling characters: they come with copied text, and no reader sees them. */
const INVISIBLE = /[\s\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}\u2800]/u

/** The text without white space and invisible characters around it. Linear, and free of cost where there are none. */
export function trimmed(text: string): string {
  let [start, end] = [0, text.length]
  while (start < end && isInvisible(text, start)) start++
  while (start < end && isInvisible(text, end - 1)) end--
  return start === 0 && end === text.length ? text : text.slice(start, end)
}

/** True where nothing is left of the text once it is trimmed. */
export function isBlank(text: string): boolean {
  return trimmed(text) === ''
}

const EXCLAMATION_MARK = 0x21
const TILDE = 0x7e

function isInvisible(text: string, at: number): boolean {
  const code = text.charCodeAt(at)
  if (code >= EXCLAMATION_MARK && code <= TILDE) return false
  return INVISIBLE.test(text.charAt(at))
}
