// What Google's clients say of an error.

/** An error's message and its causes', without line breaks. */
export function oneLine(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error)
  const text = message.replace(/\s+/g, ' ').trim()
  const cause = error instanceof Error ? error.cause : undefined
  return cause === undefined ? text : `${text} Because: ${oneLine(cause)}`
}
