// The elements of a JSON array, byte for byte as they stand in the file.

const QUOTE = 0x22
const COMMA = 0x2c
const OPEN_BRACKET = 0x5b
const BACKSLASH = 0x5c
const CLOSE_BRACKET = 0x5d
const OPEN_BRACE = 0x7b
const CLOSE_BRACE = 0x7d

/** Linear. @param array the bytes of a JSON array, which somebody has parsed before */
export function splitArray(array: Buffer): Buffer[] {
  const elements: Buffer[] = []
  let from = array.indexOf(OPEN_BRACKET) + 1
  let depth = 0
  for (let at = from; at < array.length; at++) {
    const byte = array[at] ?? 0
    if (byte === QUOTE) at = endOfString(array, at)
    else if (byte === OPEN_BRACKET || byte === OPEN_BRACE) depth++
    else if (depth > 0 && (byte === CLOSE_BRACKET || byte === CLOSE_BRACE)) depth--
    else if (depth === 0 && (byte === COMMA || byte === CLOSE_BRACKET)) {
      elements.push(withoutBlanks(array.subarray(from, at)))
      from = at + 1
    }
  }
  const isEmpty = elements.length === 1 && elements[0]?.length === 0
  return isEmpty ? [] : elements
}

function endOfString(array: Buffer, start: number): number {
  let at = start + 1
  while (at < array.length && array[at] !== QUOTE) at += array[at] === BACKSLASH ? 2 : 1
  return at
}

const BLANKS: ReadonlySet<number> = new Set(Buffer.from(' \t\r\n'))

/** Without white space of JSON around them. */
export function withoutBlanks(bytes: Buffer): Buffer {
  let [start, end] = [0, bytes.length]
  while (start < end && BLANKS.has(bytes[start] ?? 0)) start++
  while (end > start && BLANKS.has(bytes[end - 1] ?? 0)) end--
  return bytes.subarray(start, end)
}
