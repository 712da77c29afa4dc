// Sends calls to Segment in requests of the size that it takes, and finds the calls that it refuses.

import type { Segment } from '#activation/segment/segment'
import { chunksOf, halvesOf } from '#runtime/chunks'
import { failure, isRefusal, segmentFailure } from '#runtime/service-error'
import type { ReadyCall } from './plan-calls.ts'

/** Segment takes 500 KB a request. It answers 200 to a request of more than 2,500 calls and drops it whole. */
const REQUEST = { maxItems: 2_500, maxBytes: 450_000 }

/** The calls of one request, and those of them that Segment refused when they were sent alone. */
export type SentChunk = {
  readonly calls: readonly ReadyCall[]
  readonly refused: ReadonlySet<ReadyCall>
}

/**
 * Sends one request after the other.
 * @throws ApplicationFailure of the registry where no call is to blame; what was yielded before is sent
 */
export async function* sendCalls(
  segment: Segment,
  calls: readonly ReadyCall[],
): AsyncGenerator<SentChunk> {
  for (const chunk of chunksOf(calls, ({ bytes }) => bytes, REQUEST)) {
    const refused = await sendChunk(segment, chunk)
    refuseSuspicious(chunk, refused)
    yield { calls: chunk, refused: new Set(refused) }
  }
}

/** Where a chunk has fewer calls than this, all of them may be invalid. */
const SUSPICIOUS = 10

/** Where Segment refuses every one of many calls, sent one by one, the calls are not the cause: something else answers in place of Segment, or Segment has changed. */
function refuseSuspicious(chunk: readonly ReadyCall[], refused: readonly ReadyCall[]): void {
  if (chunk.length < SUSPICIOUS || refused.length < chunk.length) return
  throw failure('segment_setup', `Segment refused every one of ${chunk.length} calls, one by one`)
}

/** Sends one request. Where Segment refuses all of it because of one call, halves the chunk until that call is sent alone. */
async function sendChunk(segment: Segment, chunk: readonly ReadyCall[]): Promise<ReadyCall[]> {
  const serviceError = await segment.deliver(chunk)
  if (serviceError === null) return []
  if (!isRefusal(serviceError)) throw segmentFailure(serviceError)
  if (chunk.length === 1) return [...chunk]
  const [first, second] = halvesOf(chunk)
  const refused = await sendChunk(segment, first)
  return [...refused, ...(await sendChunk(segment, second))]
}
