// The Segment port: one request a chunk, its answer told as it was.

import type { ServiceError } from '#runtime/service-error'
import type { ActivationCall } from '../to-call.ts'

/** A call and the JSON text it travels as, written once for its size and for the request. */
export type WrittenCall = { readonly call: ActivationCall; readonly json: string }

export type Segment = {
  /**
   * Sends the calls in one HTTP request, once. Resolves to null where Segment accepted them, else to its answer.
   * Segment's 200 means accepted, not delivered: see docs/adr.
   */
  deliver(calls: readonly WrittenCall[]): Promise<ServiceError | null>
}

export type SegmentAddress = { readonly host: string; readonly writeKey: string }

/** Bytes an adapter may add to each call: Segment's SDK names itself and its runtime in every one. */
export const CALL_OVERHEAD_BYTES = 250
