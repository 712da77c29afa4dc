// Reads an answer of Segment, no more of it than there is reason to, and says whether it accepts the calls.

import type { IncomingMessage } from 'node:http'
import { z } from 'zod'

/** Segment's own answer has 16 bytes; a proxy may answer with a page. */
const MAX_ANSWER_BYTES = 64 * 1024

export type Said = {
  /** True for `{"success":true}` alone. */
  readonly isAccepted: boolean
  /** What was read of it. */
  readonly text: string
}

/** @throws whatever the connection does where it breaks before the end of the answer */
export async function readAnswer(answer: IncomingMessage): Promise<Said> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of answer as AsyncIterable<Buffer>) {
    chunks.push(chunk)
    bytes += chunk.length
    // Leaving the loop closes the connection.
    if (bytes > MAX_ANSWER_BYTES) break
  }
  const text = Buffer.concat(chunks).toString('utf8')
  const isPlain = (answer.headers['content-encoding'] ?? 'identity') === 'identity'
  return { isAccepted: isPlain && isSuccess(text), text: isPlain ? text : '' }
}

const success = z.strictObject({ success: z.literal(true) })

function isSuccess(text: string): boolean {
  try {
    return success.safeParse(JSON.parse(text)).success
  } catch {
    return false
  }
}
