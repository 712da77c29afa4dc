// BYTES as GoogleSQL writes them: printable characters as they are, and all others by their code.

const UNPRINTABLE = /[^ -~]/g

const withCodes = (bytes: Uint8Array) =>
  Buffer.from(bytes)
    .toString('latin1')
    .replaceAll('\\', '\\\\')
    .replaceAll(UNPRINTABLE, (byte) => `\\x${byte.charCodeAt(0).toString(16).padStart(2, '0')}`)

/** Such as `a\x00b`. */
export const bytesText = (bytes: Uint8Array): string =>
  withCodes(bytes).replaceAll(/["']/g, String.raw`\$&`)

/** Such as `b"a\x00b"`; in single quotes where it has a double one, and no single one. */
export function bytesLiteral(bytes: Uint8Array): string {
  const text = withCodes(bytes)
  const quote = text.includes('"') && !text.includes("'") ? "'" : '"'
  return `b${quote}${text.replaceAll(quote, `\\${quote}`)}${quote}`
}
