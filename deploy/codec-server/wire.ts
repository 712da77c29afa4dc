// The JSON of Temporal's remote codec protocol: payloads with their bytes in base64.

import type { Payload } from '@temporalio/common'
import { z } from 'zod'

const body = z.object({
  payloads: z.array(
    z.object({
      metadata: z.record(z.string(), z.string()).nullish(),
      data: z.string().nullish(),
    }),
  ),
})

/** The body is not what Temporal's UI and CLI send; the message says in one line what is wrong. */
export class BodyError extends Error {
  override readonly name = 'BodyError'
}

/** @throws BodyError */
export function readPayloads(text: string): Payload[] {
  const parsed = body.safeParse(parseJson(text))
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    const path = issue?.path.join('.') || 'it'
    throw new BodyError(
      `The body is not {"payloads": [{"metadata": {…}, "data": "base64"}]}: ${path}: ${issue?.message}`,
    )
  }
  return parsed.data.payloads.map(({ metadata, data }) => ({
    metadata: mapValues(metadata ?? {}, (value) => Buffer.from(value, 'base64')),
    data: Buffer.from(data ?? '', 'base64'),
  }))
}

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
