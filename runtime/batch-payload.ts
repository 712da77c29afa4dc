// A batch as bytes: gzip of one JSON line per message. The bridge writes it, activities read it, workflows only hand it on.

import { isUtf8 } from 'node:buffer'
import { gunzipSync, gzipSync } from 'node:zlib'
import { MAX_PAYLOAD_BYTES, type Message, type MessagePart } from '#contracts'

type Line = {
  readonly id: string
  readonly time: string
  readonly attributes?: Readonly<Record<string, string>>
  /** Exactly one of the two: text is the data as it is, base64 carries bytes that are not UTF-8. */
  readonly text?: string
  readonly base64?: string
  readonly part?: MessagePart
}

/** Fast gzip: event JSON shrinks about fivefold at any level, and the bridge does all its work on one core. */
const LEVEL = 1

/** Far more than the largest batch written as JSON; a payload from elsewhere cannot fill the memory. */
const MAX_TEXT_BYTES = 64 * 1024 * 1024

/** The messages do not fit into one payload. */
export class BatchTooLargeError extends RangeError {
  override readonly name = 'BatchTooLargeError'
}

/**
 * @param messages in the order they shall be numbered in
 * @returns at most MAX_PAYLOAD_BYTES
 * @throws BatchTooLargeError where the batch is larger, which the bridge's caps rule out
 */
export function encodeBatch(messages: readonly Message[]): Uint8Array {
  const lines = messages.map((message) => JSON.stringify(toLine(message)))
  const payload = gzipSync(lines.join('\n'), { level: LEVEL })
  if (payload.length > MAX_PAYLOAD_BYTES) {
    throw new BatchTooLargeError(
      `a batch of ${messages.length} messages is ${payload.length} bytes, over ${MAX_PAYLOAD_BYTES}`,
    )
  }
  return payload
}

/**
 * The messages of a batch, byte for byte as the bridge received them.
 * @throws Error where `payload` is not what `encodeBatch` writes
 */
export function decodeBatch(payload: Uint8Array): Message[] {
  const text = gunzipSync(payload, { maxOutputLength: MAX_TEXT_BYTES }).toString('utf8')
  return text.split('\n').map((json, index) => fromLine(parseLine(json, index)))
}

/** The engine's own error quotes the text, which may be about a person. */
function parseLine(json: string, index: number): Line {
  try {
    return JSON.parse(json)
  } catch {
    throw new SyntaxError(`line ${index + 1} of the batch is not valid JSON`)
  }
}

function toLine({ messageId, publishTime, attributes, data, part }: Message): Line {
  return {
    id: messageId,
    time: publishTime,
    ...(Object.keys(attributes).length > 0 && { attributes }),
    ...(isUtf8(data)
      ? { text: Buffer.from(data).toString('utf8') }
      : { base64: Buffer.from(data).toString('base64') }),
    ...(part && { part }),
  }
}

function fromLine(line: Line): Message {
  return {
    messageId: line.id,
    publishTime: line.time,
    attributes: line.attributes ?? {},
    data:
      line.text === undefined
        ? Buffer.from(line.base64 ?? '', 'base64')
        : Buffer.from(line.text, 'utf8'),
    ...(line.part && { part: line.part }),
  }
}
