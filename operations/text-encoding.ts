// What editors put at the beginning of a file of text.

import { UsageError } from '#runtime/errors'

const UTF8_MARK = Buffer.from([0xef, 0xbb, 0xbf])

/** Byte-order marks of encodings that are not read; those of UTF-32 begin like those of UTF-16 or with two zeros. */
const OTHER_MARKS: readonly (readonly [name: string, bytes: readonly number[]])[] = [
  ['UTF-32', [0xff, 0xfe, 0, 0]],
  ['UTF-32', [0, 0, 0xfe, 0xff]],
  ['UTF-16', [0xff, 0xfe]],
  ['UTF-16', [0xfe, 0xff]],
]

/** No byte-order mark is longer. */
export const LONGEST_MARK = 4

/**
 * @param start the first bytes of the file, at least `LONGEST_MARK` of them where it has as many
 * @returns the bytes without a byte-order mark of UTF-8
 * @throws UsageError where the file is UTF-16 or UTF-32, with or without a byte-order mark
 */
export function withoutMark(start: Buffer, file: string): Buffer {
  const other = encodingOf(start)
  if (other !== null)
    throw new UsageError(
      `${file} is ${other}, and only UTF-8 is read: save it as UTF-8, for example with iconv -f ${other} -t UTF-8. Nothing was sent.`,
    )
  return start.indexOf(UTF8_MARK) === 0 ? start.subarray(UTF8_MARK.length) : start
}

function encodingOf(start: Buffer): string | null {
  const marked = OTHER_MARKS.find(([, bytes]) => bytes.every((byte, at) => start[at] === byte))
  if (marked) return marked[0]
  // Every second byte of ASCII in UTF-16 is zero.
  const [first = 1, second = 1] = start
  const isUtf16 = (first === 0 && OPENINGS.has(second)) || (second === 0 && OPENINGS.has(first))
  return isUtf16 ? 'UTF-16' : null
}

/** What JSON begins with. */
const OPENINGS: ReadonlySet<number> = new Set(Buffer.from('{["\t\r\n '))
