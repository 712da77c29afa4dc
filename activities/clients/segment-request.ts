// One HTTP request to Segment, and what its answer says.

import type { CallFault } from '../classify-error.ts'

const REQUEST_TIMEOUT_MS = 10_000

export type SegmentRequest = {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

export type Answered =
  | { readonly response: Response; readonly fault: CallFault | null }
  /** There was no answer: the network's own error. */
  | { readonly response: null; readonly fault: CallFault; readonly error: unknown }

/** A redirect is an answer like any other: Segment has none, so that it is not Segment who sends it. */
export async function request({ url, headers, body }: SegmentRequest): Promise<Answered> {
  try {
    const signal = AbortSignal.timeout(REQUEST_TIMEOUT_MS)
    const response = await fetch(url, { method: 'POST', headers, body, redirect: 'manual', signal })
    const fault = response.ok ? null : await toFault(response)
    // An answer that is not read to its end keeps its connection.
    if (response.ok) await response.arrayBuffer()
    return { response, fault }
  } catch (error) {
    return { response: null, fault: { message: reasonOf(error) }, error }
  }
}

async function toFault(response: Response): Promise<CallFault> {
  const retryAfter = retryAfterSeconds(response.headers.get('retry-after'), Date.now())
  return {
    status: response.status,
    message: (await response.text()).slice(0, 200) || response.statusText,
    ...(retryAfter !== undefined && { retryAfterSeconds: retryAfter }),
  }
}

/** Retry-After as RFC 9110 has it: seconds, or a date. Undefined where it is neither. */
export function retryAfterSeconds(header: string | null, now: number): number | undefined {
  if (header === null) return undefined
  if (/^\d+$/.test(header)) return Number(header)
  const date = Date.parse(header)
  return Number.isNaN(date) ? undefined : Math.max(0, Math.ceil((date - now) / 1000))
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return error.cause instanceof Error ? `${error.message}: ${error.cause.message}` : error.message
}
