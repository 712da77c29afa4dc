// The batch payload: a gzip of one line of JSON that lists the messages, followed by their data, one after the other. The bridge
// encodes it and activities decode it; workflows only pass it on.

import { gunzipSync, gzipSync } from 'node:zlib'
import { MAX_PAYLOAD_BYTES, type Message, type MessagePart } from './index.ts'

/** One message of the list; `bytes` is the length of its data. */
type Head = {
  readonly id: string
  readonly time: string
  readonly redriven?: string
  readonly bytes: number
  readonly attributes?: Readonly<Record<string, string>>
  readonly part?: MessagePart
}

/** The fastest level of gzip: event JSON shrinks about fivefold at any level, and the bridge runs on one core. */
const LEVEL = 1

/** Far more than the largest batch of the bridge when it is unpacked. The limit keeps a payload of another origin from filling the memory. */
const MAX_UNPACKED_BYTES = 64 * 1024 * 1024

/** gzip ends with a checksum and the length of what it holds. */
const GZIP_TRAILER_BYTES = 8

/** The trailer of gzip in hexadecimal digits: it distinguishes the payloads of one run without unpacking them. */
export const payloadTrailer = (payload: Uint8Array): string =>
  Buffer.from(payload.subarray(-GZIP_TRAILER_BYTES)).toString('hex')

/** The size of the buffer for unpacking. Events shrink about fivefold, so that most batches fit into one buffer and are not copied. */
const pieceBytes = (payload: Uint8Array) =>
  Math.max(1024, Math.min(6 * payload.length, 1024 * 1024))

const LINE_END = '\n'

/** The messages do not fit into one payload. */
export class BatchTooLargeError extends RangeError {
  override readonly name = 'BatchTooLargeError'
  /** The size that the payload would have. */
  readonly bytes: number

  constructor(messages: number, bytes: number) {
    super(`a batch of ${messages} messages is ${bytes} bytes, over ${MAX_PAYLOAD_BYTES}`)
    this.bytes = bytes
  }
}

/**
 * @param messages in the order of their indexes
 * @returns the payload, of at most MAX_PAYLOAD_BYTES
 * @throws BatchTooLargeError where the payload would be larger, which the caps of the bridge rule out
 */
export function encodeBatch(messages: readonly Message[]): Uint8Array {
  const list = Buffer.from(JSON.stringify(messages.map(toHead)) + LINE_END)
  const payload = gzipSync(Buffer.concat([list, ...messages.map(({ data }) => data)]), {
    level: LEVEL,
  })
  if (payload.length > MAX_PAYLOAD_BYTES) {
    throw new BatchTooLargeError(messages.length, payload.length)
  }
  return payload
}

/**
 * The messages of a batch, byte for byte as the bridge received them. Their data share one buffer.
 * @param maxBytes the largest size of the unpacked batch
 * @throws BatchTooLargeToUnpackError where the unpacked batch is larger
 * @throws Error where `payload` is not what `encodeBatch` writes
 */
export function decodeBatch(payload: Uint8Array, maxBytes = MAX_UNPACKED_BYTES): Message[] {
  const unpacked = gunzip(payload, maxBytes)
  const lineEnd = unpacked.indexOf(LINE_END)
  const heads = parseList(unpacked.toString('utf8', 0, Math.max(0, lineEnd)))
  const messages: Message[] = []
  let at = lineEnd + 1
  for (const head of heads) {
    messages.push(fromHead(head, unpacked.subarray(at, at + head.bytes)))
    at += head.bytes
  }
  if (at !== unpacked.length)
    throw new RangeError(`the batch has ${unpacked.length} bytes, and its list says ${at}`)
  return messages
}

/** The unpacked batch is larger than the limit of the caller. */
export class BatchTooLargeToUnpackError extends RangeError {
  override readonly name = 'BatchTooLargeToUnpackError'
}

function gunzip(payload: Uint8Array, maxBytes: number): Buffer {
  try {
    return gunzipSync(payload, { maxOutputLength: maxBytes, chunkSize: pieceBytes(payload) })
  } catch (error) {
    throw isTooLarge(error)
      ? new BatchTooLargeToUnpackError(`the batch is larger than ${maxBytes} bytes unpacked`)
      : error
  }
}

/** Does not check the class of the error, because under Jest the errors of Node come from another realm. */
const isTooLarge = (error: unknown) =>
  typeof error === 'object' &&
  error !== null &&
  'code' in error &&
  error.code === 'ERR_BUFFER_TOO_LARGE'

/** Replaces the error of `JSON.parse`, which quotes the text and so personal data. */
function parseList(json: string): Head[] {
  try {
    return JSON.parse(json)
  } catch {
    throw new SyntaxError('the batch does not begin with a list of its messages')
  }
}

function toHead({ messageId, publishTime, redrivenAt, attributes, data, part }: Message): Head {
  return {
    id: messageId,
    time: publishTime,
    bytes: data.length,
    ...(Object.keys(attributes).length > 0 && { attributes }),
    ...(redrivenAt !== undefined && { redriven: redrivenAt }),
    ...(part && { part }),
  }
}

function fromHead({ id, time, redriven, attributes = {}, part }: Head, data: Uint8Array): Message {
  return {
    messageId: id,
    publishTime: time,
    attributes,
    data,
    ...(redriven !== undefined && { redrivenAt: redriven }),
    ...(part && { part }),
  }
}
