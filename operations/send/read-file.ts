// Reads events of a file or of standard input: every line is a message, byte for byte, or every element of one JSON array.

import { once } from 'node:events'
import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { diagnoseJson } from '#contracts/event/diagnose-json'
import { placeOf } from '#contracts/event/violations'
import { UsageError } from '#runtime/errors'
import type { Publishable } from '#runtime/pubsub'
import { LONGEST_MARK, withoutMark } from '../text-encoding.ts'
import { splitArray, withoutBlanks } from './split-array.ts'

/** A JSON array is held in memory as a whole; lines are not. */
const MAX_WHOLE_BYTES = 100_000_000

/**
 * Lines are read one after the other; a JSON array, and an object that is written over several lines, as a whole.
 * @param path NDJSON, a JSON array or one JSON object, or `-` for standard input. Blank lines are skipped, and a line that
 *   is bad JSON is published as it is.
 * @throws UsageError where the file cannot be read, is compressed or not UTF-8 by its first bytes, or begins like an array or an object
 *   of several lines and is none
 */
export async function* readMessages(path: string): AsyncGenerator<Publishable> {
  const [input, name]: [AsyncIterable<Buffer>, string] =
    path === '-' ? [process.stdin, 'Standard input'] : [await openFile(path), path]
  const lines = allLines(unmarked(input, name))
  const head = await readHead(lines)
  const [first, second] = head.filter(isFilled)
  if (first === undefined) return
  const isWhole = beginsWhole(first, second)
  const events = isWhole ? await readWhole(head, lines, name) : [first, ...(second ? [second] : [])]
  for (const data of events) yield { data, attributes: {} }
  for await (const data of lines) if (isFilled(data)) yield { data, attributes: {} }
}

/** Without a byte-order mark. */
async function* unmarked(chunks: AsyncIterable<Buffer>, name: string): AsyncGenerator<Buffer> {
  let start: Buffer | null = Buffer.alloc(0)
  for await (const chunk of chunks) {
    if (start === null) {
      yield chunk
      continue
    }
    start = Buffer.concat([start, chunk])
    if (start.length < LONGEST_MARK) continue
    yield withoutMark(start, name)
    start = null
  }
  if (start !== null) yield withoutMark(start, name)
}

/** As far as the second line that is not blank. */
async function readHead(lines: AsyncGenerator<Buffer>): Promise<Buffer[]> {
  const head: Buffer[] = []
  let filled = 0
  while (filled < 2) {
    const next = await lines.next()
    if (next.done) break
    head.push(next.value)
    if (isFilled(next.value)) filled++
  }
  return head
}

/** True where the first line begins an array, or an object of several lines. An array may also be one line of NDJSON. */
function beginsWhole(first: Buffer, second: Buffer | undefined): boolean {
  const text = first.toString('utf8').trim()
  if (text.startsWith('[')) return second === undefined || breakOf(text) !== null
  return text.startsWith('{') && continues(text, second?.toString('utf8').trim() ?? '')
}

/** A line of NDJSON may break off too; the next one then begins another event. */
const continues = (text: string, next: string) =>
  text === '{' || (next !== '' && !next.startsWith('{') && breakOf(text) === text.length)

const breakOf = (text: string) => diagnoseJson(text, Number).breaksAt

async function readWhole(
  head: readonly Buffer[],
  lines: AsyncGenerator<Buffer>,
  name: string,
): Promise<readonly Buffer[]> {
  const all = [...head]
  let bytes = 0
  for await (const line of lines) {
    all.push(line)
    bytes += line.length + 1
    if (bytes > MAX_WHOLE_BYTES) throw refusal(name, `has more than ${MAX_WHOLE_BYTES} bytes`)
  }
  const whole = Buffer.concat(all.flatMap((line, at) => (at === 0 ? [line] : [LINE_END, line])))
  const text = whole.toString('utf8')
  const { breaksAt } = diagnoseJson(text, Number)
  if (breaksAt !== null) throw refusal(name, `is not JSON at ${placeOf(text, breaksAt)}`)
  return text.trimStart().startsWith('[') ? splitArray(whole) : [withoutBlanks(whole)]
}

const LINE_END = Buffer.from('\n')

const refusal = (name: string, why: string) =>
  new UsageError(
    `${name} begins like a JSON array or an object of several lines, and ${why}. Correct it, or write one event a line (NDJSON). Nothing was sent.`,
  )

const NEWLINE = 0x0a
const CARRIAGE_RETURN = 0x0d

/** The lines that are not blank, without their ends (LF or CRLF). Bytes are not decoded: a line may be anything. */
export async function* splitLines(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  for await (const line of allLines(chunks)) if (isFilled(line)) yield line
}

async function* allLines(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let pieces: Buffer[] = []
  for await (const chunk of chunks) {
    let from = 0
    for (let end = chunk.indexOf(NEWLINE); end !== -1; end = chunk.indexOf(NEWLINE, from)) {
      yield withoutReturn(Buffer.concat([...pieces, chunk.subarray(from, end)]))
      pieces = []
      from = end + 1
    }
    pieces.push(chunk.subarray(from))
  }
  yield withoutReturn(Buffer.concat(pieces))
}

const withoutReturn = (line: Buffer) =>
  line.at(-1) === CARRIAGE_RETURN ? line.subarray(0, -1) : line

const BLANKS: ReadonlySet<number> = new Set(Buffer.from(' \t\r'))

const isFilled = (line: Buffer) => !line.every((byte) => BLANKS.has(byte))

async function openFile(path: string) {
  try {
    if ((await stat(path)).isDirectory()) throw new Error('it is a folder')
    const stream = createReadStream(path)
    await once(stream, 'open')
    return stream
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    throw new UsageError(
      `Cannot read events from ${path}: ${why}. Name a file of NDJSON or of one JSON array, or - for standard input. Nothing was sent.`,
    )
  }
}
