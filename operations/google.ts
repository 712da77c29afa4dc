// What Google's clients say of an error.

export { BigQueryError } from '#warehouse/bigquery-error'

/** The code of gRPC, or of HTTP, or of Node. */
export function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined
}

/** An error's message and its causes', without line breaks. */
export function oneLine(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error)
  const text = message.replace(/\s+/g, ' ').trim()
  const cause = error instanceof Error ? error.cause : undefined
  return cause === undefined ? text : `${text} Because: ${oneLine(cause)}`
}
