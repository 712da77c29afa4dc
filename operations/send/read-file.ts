// Reads events of a file or of standard input: every line is a message, byte for byte.

import { once } from 'node:events'
import { createReadStream } from 'node:fs'
import { UsageError } from '#runtime/errors'
import type { Publishable } from '#runtime/pubsub'

/**
 * @param path an NDJSON file, or `-` for standard input; blank lines are skipped, bad JSON is published as it is
 * @throws UsageError where the file cannot be read
 */
export async function* readMessages(path: string): AsyncGenerator<Publishable> {
  const input: AsyncIterable<Buffer> = path === '-' ? process.stdin : await openFile(path)
  for await (const data of splitLines(input)) yield { data, attributes: {} }
}

const NEWLINE = 0x0a
const CARRIAGE_RETURN = 0x0d

/** The lines that are not blank, without their ends (LF or CRLF). Bytes are not decoded: a line may be anything. */
export async function* splitLines(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let pieces: Buffer[] = []
  for await (const chunk of chunks) {
    let from = 0
    for (let end = chunk.indexOf(NEWLINE); end !== -1; end = chunk.indexOf(NEWLINE, from)) {
      const line = withoutReturn(Buffer.concat([...pieces, chunk.subarray(from, end)]))
      if (!isBlank(line)) yield line
      pieces = []
      from = end + 1
    }
    pieces.push(chunk.subarray(from))
  }
  const last = withoutReturn(Buffer.concat(pieces))
  if (!isBlank(last)) yield last
}

const withoutReturn = (line: Buffer) =>
  line.at(-1) === CARRIAGE_RETURN ? line.subarray(0, -1) : line

const BLANKS: ReadonlySet<number> = new Set(Buffer.from(' \t\r'))

const isBlank = (line: Buffer) => line.every((byte) => BLANKS.has(byte))

async function openFile(path: string) {
  const stream = createReadStream(path)
  try {
    await once(stream, 'open')
    return stream
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    throw new UsageError(
      `Cannot read events from ${path}: ${why}. Name an NDJSON file, or - for standard input. Nothing was sent.`,
    )
  }
}
