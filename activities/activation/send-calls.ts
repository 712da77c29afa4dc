// Sends calls to Segment in requests of the size that it takes, and finds the calls that it refuses.

import type { ApplicationFailure } from '@temporalio/common'
import { isCertainlyNotTaken } from '#activation/segment/certainty'
import type { Segment } from '#activation/segment/segment'
import { chunksOf, halvesOf } from '#runtime/chunks'
import { failure, isRefusal, type ServiceError, segmentFailure } from '#runtime/service-error'
import type { ReadyCall } from './plan-calls.ts'

/** Segment takes 500 KB a request. It answers 200 to a request of more than 2,500 calls and drops it whole. */
const REQUEST = { maxItems: 2_500, maxBytes: 450_000 }

/** The calls in chunks that each fit a request. */
export const requestsOf = (calls: readonly ReadyCall[]): ReadyCall[][] =>
  chunksOf(calls, ({ bytes }) => bytes, REQUEST)

/** What became of the calls of a chunk. Where there was an error, Segment may have those that are in none of the lists. */
export type Sent = {
  readonly accepted: readonly ReadyCall[]
  /** Refused when they were sent alone. */
  readonly refused: readonly ReadyCall[]
  /** Certainly not taken by Segment, and not refused for what they are. */
  readonly unsent: readonly ReadyCall[]
  /** What ended the sending; null where it was not ended. */
  readonly error: SendError | null
}

export type SendError = {
  /** Of the registry. */
  readonly failure: ApplicationFailure
  /** What Segment answered; null where it refused each call by itself. */
  readonly serviceError: ServiceError | null
}

/** Sends one request. Where Segment refuses all of it because of one call, halves the chunk until that call is sent alone. */
export async function sendCalls(segment: Segment, chunk: readonly ReadyCall[]): Promise<Sent> {
  const accepted: ReadyCall[] = []
  const refused: ReadyCall[] = []
  let open: (readonly ReadyCall[])[] = [chunk]
  for (let [next, ...rest] = open; next !== undefined; [next, ...rest] = open) {
    const serviceError = await segment.deliver(next)
    open = rest
    if (serviceError === null) accepted.push(...next)
    else if (isRefusal(serviceError) && next.length === 1) refused.push(...next)
    else if (isRefusal(serviceError)) open = [...halvesOf(next), ...rest]
    else {
      const unsent = isCertainlyNotTaken(serviceError) ? [next, ...rest] : rest
      const error = { failure: segmentFailure(serviceError), serviceError }
      return { accepted, refused, unsent: unsent.flat(), error }
    }
  }
  if (isSuspicious(chunk, refused)) return allRefused(refused)
  return { accepted, refused, unsent: [], error: null }
}

/** Where a chunk has fewer calls than this, all of them may be invalid. */
const SUSPICIOUS = 10

/** Where Segment refuses every one of many calls, sent one by one, the calls are not the cause: something else answers in place of Segment, or Segment has changed. */
const isSuspicious = (chunk: readonly ReadyCall[], refused: readonly ReadyCall[]) =>
  chunk.length >= SUSPICIOUS && refused.length === chunk.length

const allRefused = (unsent: readonly ReadyCall[]): Sent => {
  const message = `Segment refused every one of ${unsent.length} calls, one by one`
  const error = { failure: failure('segment_setup', message), serviceError: null }
  return { accepted: [], refused: [], unsent, error }
}
