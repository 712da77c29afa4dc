// White space and invisible characters around a text that a partner sent. Imports nothing.

/** Zero-width and directional characters: they come with copied text, and no reader sees them. */
const INVISIBLE = /[\s\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069]/

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
