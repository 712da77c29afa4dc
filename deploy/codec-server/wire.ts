// The JSON of Temporal's remote codec protocol: payloads with their bytes in base64.

import type { Payload } from '@temporalio/common'
import { z } from 'zod'
import { HTTP } from '#runtime/status-codes'

type BodyStatus = typeof HTTP.BAD_REQUEST | typeof HTTP.CONTENT_TOO_LARGE

/** More payloads than a page of history has, and more entries than Temporal's encodings use. */
export const MAX_PAYLOADS = 2_000
const MAX_METADATA = 32

const payload = z.object({
  metadata: z.record(z.string(), z.string()).nullish(),
  data: z.string().nullish(),
})

/** The body is not what Temporal's UI and CLI send; the message says in one line what is wrong. */
export class BodyError extends Error {
  override readonly name = 'BodyError'
  readonly status: BodyStatus

  constructor(message: string, status: BodyStatus = HTTP.BAD_REQUEST) {
    super(message)
    this.status = status
  }
}

/** @throws BodyError */
export function readPayloads(text: string): Payload[] {
  const { payloads }: { payloads?: unknown } = Object(parseJson(text))
  if (!Array.isArray(payloads)) throw malformed('payloads', 'there is no such list')
  if (payloads.length > MAX_PAYLOADS)
    throw new BodyError(
      `The body has ${payloads.length} payloads: send at most ${MAX_PAYLOADS} at a time.`,
      HTTP.CONTENT_TOO_LARGE,
    )
  return payloads.map(readPayload)
}

function readPayload(value: unknown, index: number): Payload {
  refuseLongMetadata(value, index)
  const parsed = payload.safeParse(value)
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    throw malformed(['payloads', index, ...(issue?.path ?? [])].join('.'), issue?.message ?? '')
  }
  const { metadata, data } = parsed.data
  return {
    metadata: mapValues(metadata ?? {}, (one) => Buffer.from(one, 'base64')),
    data: Buffer.from(data ?? '', 'base64'),
  }
}

/** Before anything looks at each of them. */
function refuseLongMetadata(value: unknown, index: number): void {
  const { metadata }: { metadata?: unknown } = Object(value)
  if (Object.keys(Object(metadata)).length > MAX_METADATA)
    throw new BodyError(
      `payloads.${index}.metadata has more than ${MAX_METADATA} entries: it is no payload of Temporal's.`,
      HTTP.CONTENT_TOO_LARGE,
    )
}

const malformed = (path: string, why: string) =>
  new BodyError(
    `The body is not {"payloads": [{"metadata": {…}, "data": "base64"}]}: ${path}: ${why}`,
  )

export function writePayloads(payloads: readonly Payload[]): string {
  const written = payloads.map(({ metadata, data }) => ({
    metadata: mapValues(metadata ?? {}, toBase64),
    data: toBase64(data ?? new Uint8Array()),
  }))
  return JSON.stringify({ payloads: written })
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new BodyError('The body is not JSON.')
  }
}

function mapValues<From, To>(record: Readonly<Record<string, From>>, to: (value: From) => To) {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, to(value)]))
}

const toBase64 = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64')
