// The Segment port: one request for each chunk of calls, and its answer.

import type { ServiceError } from '#runtime/service-error'
import type { ActivationCall } from '../calls/call.ts'

/** A call and its JSON text, which is written once, for its size and for the request. */
export type WrittenCall = { readonly call: ActivationCall; readonly json: string }

export type Segment = {
  /**
   * Sends the calls in one HTTP request, once. Resolves to null where Segment accepted the calls, else to what
   * is known about the failure. Accepted does not mean delivered to a destination: see docs/adr/0011.
   */
  deliver(calls: readonly WrittenCall[]): Promise<ServiceError | null>
}

export type SegmentAddress = { readonly host: string; readonly writeKey: string }

/** Bytes that an adapter may add to each call: Segment's SDK adds its own name and its runtime. */
export const CALL_OVERHEAD_BYTES = 250
