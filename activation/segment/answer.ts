// Reads the beginning of an answer of Segment, and decides whether it accepts the calls.

import type { IncomingMessage } from 'node:http'

/** Segment's answer has 16 bytes; a proxy may answer with a page. */
const MAX_ANSWER_BYTES = 64 * 1024

export type Said = {
  /** True only for `{"success":true}`. */
  readonly isAccepted: boolean
  /** The part of the answer that was read. */
  readonly text: string
}

/** @throws the error of the connection where it breaks before the end of the answer */
export async function readAnswer(answer: IncomingMessage): Promise<Said> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of answer as AsyncIterable<Buffer>) {
    chunks.push(chunk)
    bytes += chunk.length
    // Leaving the loop closes the connection.
    if (bytes > MAX_ANSWER_BYTES) break
  }
  const isWhole = bytes <= MAX_ANSWER_BYTES
  const text = Buffer.concat(chunks).toString('utf8')
  const isPlain = (answer.headers['content-encoding'] ?? 'identity') === 'identity'
  return { isAccepted: isPlain && isWhole && SUCCESS.test(text), text: isPlain ? text : '' }
}

/** By its text, since JSON.parse keeps the last one of a repeated key. */
const SUCCESS = /^\s*\{\s*"success"\s*:\s*true\s*\}\s*$/
