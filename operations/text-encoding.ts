// What editors and archivers put at the beginning of a file.

import { UsageError } from '#runtime/errors'

const UTF8_MARK = Buffer.from([0xef, 0xbb, 0xbf])

/** Byte-order marks of encodings that are not read; those of UTF-32 begin like those of UTF-16 or with two zeros. */
const OTHER_MARKS: readonly (readonly [name: string, bytes: readonly number[]])[] = [
  ['UTF-32', [0xff, 0xfe, 0, 0]],
  ['UTF-32', [0, 0, 0xfe, 0xff]],
  ['UTF-16', [0xff, 0xfe]],
  ['UTF-16', [0xfe, 0xff]],
]

/** What compressed files begin with. */
const PACKED: readonly (readonly [name: string, bytes: readonly number[]])[] = [
  ['gzip', [0x1f, 0x8b]],
  ['zip', [0x50, 0x4b, 0x03, 0x04]],
  ['zstd', [0x28, 0xb5, 0x2f, 0xfd]],
  ['bzip2', [0x42, 0x5a, 0x68]],
  ['xz', [0xfd, 0x37, 0x7a, 0x58]],
]

/** No mark is longer. */
export const LONGEST_MARK = 4

/**
 * @param start the first bytes of the file, at least `LONGEST_MARK` of them where it has as many
 * @returns the bytes without a byte-order mark of UTF-8
 * @throws UsageError where the file is UTF-16 or UTF-32, with or without a byte-order mark, or compressed
 */
export function withoutMark(start: Buffer, file: string): Buffer {
  const packed = nameIn(PACKED, start)
  if (packed !== null)
    throw new UsageError(
      `${file} is compressed (${packed}), and only text in UTF-8 is read: unpack it first. Nothing was sent.`,
    )
  const other = encodingOf(start)
  if (other !== null)
    throw new UsageError(
      `${file} is ${other}, and only UTF-8 is read: save it as UTF-8, for example with iconv -f ${other} -t UTF-8. Nothing was sent.`,
    )
  return start.indexOf(UTF8_MARK) === 0 ? start.subarray(UTF8_MARK.length) : start
}

function encodingOf(start: Buffer): string | null {
  const marked = nameIn(OTHER_MARKS, start)
  if (marked !== null) return marked
  // Of ASCII every second byte is zero in UTF-16, and three of four are in UTF-32.
  const [first = 1, second = 1, third = 1, fourth = 1] = start
  const isBigEndian = first === 0 && second === 0 && third === 0 && OPENINGS.has(fourth)
  const isLittleEndian = OPENINGS.has(first) && second === 0 && third === 0 && fourth === 0
  if (isBigEndian || isLittleEndian) return 'UTF-32'
  const isUtf16 = (first === 0 && OPENINGS.has(second)) || (second === 0 && OPENINGS.has(first))
  return isUtf16 ? 'UTF-16' : null
}

const nameIn = (marks: typeof PACKED, start: Buffer): string | null =>
  marks.find(([, bytes]) => bytes.every((byte, at) => start[at] === byte))?.[0] ?? null

/** What JSON begins with. */
const OPENINGS: ReadonlySet<number> = new Set(Buffer.from('{["\t\r\n '))
