// The protocol between the main thread and an activity thread: messages, a few shared numbers, and errors as bytes.

import type { Info } from '@temporalio/activity'
import { defaultFailureConverter, defaultPayloadConverter } from '@temporalio/common'
import proto from '@temporalio/proto'

export type ToThread =
  | {
      readonly kind: 'call'
      readonly id: number
      readonly name: string
      readonly args: readonly unknown[]
      readonly info: Info
    }
  | { readonly kind: 'cancel'; readonly id: number; readonly reason: string }
  | { readonly kind: 'close' }

/** The first message of a thread. */
export type ThreadReady = {
  readonly kind: 'ready'
  /** The names of the activities that the thread runs. */
  readonly names: readonly string[]
  /** The path by which the system reports the CPU time of the thread; null where it does not. */
  readonly task: string | null
}

export type FromThread =
  | ThreadReady
  | { readonly kind: 'heartbeat'; readonly id: number; readonly details: unknown }
  | {
      readonly kind: 'settled'
      readonly id: number
      readonly outcome: Outcome
      readonly metrics: readonly MetricUpdate[]
    }

/** `failure` is an error as bytes, see `packError`. */
export type Outcome = { readonly result?: unknown; readonly failure?: Uint8Array }

/** The value that an activity added to a counter or set a gauge to. */
export type MetricUpdate = {
  readonly name: string
  readonly value: number
  readonly tags: Readonly<Record<string, string | number | boolean>>
}

/** @param main the module of the thread; @param cells numbers that the main thread can read while the thread is stuck */
export type ThreadData = { readonly main: string; readonly cells: Int32Array }

/** The indexes of the shared numbers. */
export const CELL = {
  /** Grows while the thread's event loop turns. */
  beat: 0,
  /** The id of the call that was begun last; ids grow. */
  call: 1,
  /** The index of the message that is being read, or NO_MESSAGE. */
  message: 2,
} as const

export const NO_MESSAGE = -1

export const createCells = () =>
  new Int32Array(
    new SharedArrayBuffer(Object.keys(CELL).length * Int32Array.BYTES_PER_ELEMENT),
  ).fill(NO_MESSAGE)

const Failure = proto.temporal.api.failure.v1.Failure

/** An error as Temporal encodes it: type, details, retry delay and causes are kept. */
export function packError(error: unknown): Uint8Array {
  const failure = defaultFailureConverter.errorToFailure(error, defaultPayloadConverter)
  return Failure.encode(failure).finish()
}

export function unpackError(bytes: Uint8Array): Error {
  const failure = Failure.decode(bytes)
  const error = defaultFailureConverter.failureToError(failure, defaultPayloadConverter)
  // The converter of the SDK leaves the retry delay out.
  const delay = failure.applicationFailureInfo?.nextRetryDelay
  return delay ? Object.assign(error, { nextRetryDelay: msOf(delay) }) : error
}

type Duration = proto.google.protobuf.IDuration

const msOf = ({ seconds, nanos }: Duration) =>
  (seconds?.toNumber() ?? 0) * 1_000 + (nanos ?? 0) / 1_000_000
