// Runs a step on a batch. Where a worker cannot finish the step, runs it on smaller and smaller pieces of the batch, until each
// message that the worker cannot finish is alone in its piece.

import type { EventFailure } from '#contracts/batch'
import { cut, type Span } from './cut.ts'
import { isOvertime, suspectOf } from './overtime.ts'
import { proxies } from './proxies.ts'

/** Consecutive messages of a batch, as a batch of its own. Its first message has index `from` in the whole batch. */
export type Piece = Span & { readonly batch: Uint8Array }

export type PieceStep<Result> = {
  readonly run: (piece: Piece) => Promise<Result>
  /** The result for one message with which a worker cannot finish the step. */
  readonly poisoned: (message: Piece) => Promise<Result>
}

export const isWholeBatch = ({ to }: Piece) => to === Number.POSITIVE_INFINITY

/** @returns the result of the whole batch, or the results of its pieces; each message is in exactly one piece */
export async function isolate<Result>(
  batch: Uint8Array,
  step: PieceStep<Result>,
): Promise<Result[]> {
  try {
    return [await step.run({ batch, from: 0, to: Number.POSITIVE_INFINITY })]
  } catch (error) {
    if (!isOvertime(error)) throw error
    const to = await proxies.countMessages(batch)
    return runSmaller({ batch, from: 0, to }, suspectOf(error), step)
  }
}

/** Runs all pieces before it cuts one of them again, so that good events are not delayed. */
async function runSmaller<Result>(
  whole: Piece,
  suspect: number | null,
  step: PieceStep<Result>,
): Promise<Result[]> {
  const length = whole.to - whole.from
  if (length === 1) return [await step.poisoned(whole)]
  const spans = cut(length, suspect)
  const pieces = await Promise.all(spans.map((span) => take(whole, span)))
  const attempts = await Promise.all(pieces.map((piece) => tryOnce(piece, step)))
  const results = attempts.flatMap(({ result }) => result)
  for (const { piece, error } of attempts.filter((one) => one.error !== null))
    results.push(...(await runSmaller(piece, suspectOf(error), step)))
  return results
}

async function take(whole: Piece, { from, to }: Span): Promise<Piece> {
  const batch = await proxies.takeMessages(whole.batch, from, to)
  return { batch, from: whole.from + from, to: whole.from + to }
}

type Attempt<Result> = {
  readonly piece: Piece
  /** The result, or none where the step was not finished. */
  readonly result: readonly Result[]
  /** The error of a step that a worker could not finish on this piece; null where it finished. */
  readonly error: unknown
}

async function tryOnce<Result>(piece: Piece, step: PieceStep<Result>): Promise<Attempt<Result>> {
  try {
    return { piece, result: [await step.run(piece)], error: null }
  } catch (error) {
    if (!isOvertime(error)) throw error
    return { piece, result: [], error }
  }
}

/** The indexes of messages in the piece, counted from its first message. */
export function indexesWithin(indexes: readonly number[], { from, to }: Span): number[] {
  return indexes.filter((index) => index >= from && index < to).map((index) => index - from)
}

export function failuresWithin(failedEvents: readonly EventFailure[], span: Span): EventFailure[] {
  return failedEvents
    .filter(({ index }) => index >= span.from && index < span.to)
    .map((failedEvent) => ({ ...failedEvent, index: failedEvent.index - span.from }))
}

/** Indexes within a piece as indexes of the whole batch. @param from index of the first message of the piece */
export const shiftIndexes = (indexes: readonly number[], from: number) =>
  indexes.map((index) => index + from)

export const shiftFailures = (failedEvents: readonly EventFailure[], from: number) =>
  failedEvents.map((failedEvent) => ({ ...failedEvent, index: failedEvent.index + from }))
