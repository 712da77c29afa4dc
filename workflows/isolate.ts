// Runs a step on a batch; where a worker cannot finish it, runs it on ever smaller pieces until the messages at fault stand alone.

import type { ActivationGroup, EventFailure } from '#contracts/batch'
import { cut, type Span } from './cut.ts'
import { isOvertime, suspectOf } from './overtime.ts'
import { proxies } from './proxies.ts'

/** A run of messages of the batch, as a batch of its own; its first message has index `from` in the whole. */
export type Piece = Span & { readonly batch: Uint8Array }

export type PieceStep<Result> = {
  readonly run: (piece: Piece) => Promise<Result>
  /** What becomes of one message with which a worker cannot finish the step. */
  readonly poisoned: (message: Piece) => Promise<Result>
}

/** @returns the result of the whole, or those of the pieces, each message in exactly one of them */
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

/** All pieces have their turn before one of them is cut again, so that good events go on as soon as they can. */
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
  /** The one result, or none. */
  readonly result: readonly Result[]
  /** What says that the piece is still too much; null where it is not. */
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

/** The indexes that lie in the piece, counted from its first message. */
export function indexesWithin(indexes: readonly number[], { from, to }: Span): number[] {
  return indexes.filter((index) => index >= from && index < to).map((index) => index - from)
}

export function failuresWithin(failedEvents: readonly EventFailure[], span: Span): EventFailure[] {
  return failedEvents
    .filter(({ index }) => index >= span.from && index < span.to)
    .map((failedEvent) => ({ ...failedEvent, index: failedEvent.index - span.from }))
}

export function groupsWithin(groups: readonly ActivationGroup[], span: Span): ActivationGroup[] {
  return groups
    .map((group) => ({ ...group, indexes: indexesWithin(group.indexes, span) }))
    .filter(({ indexes }) => indexes.length > 0)
}

/** The indexes as the whole batch counts them. */
export const shiftIndexes = (indexes: readonly number[], from: number) =>
  indexes.map((index) => index + from)

export const shiftFailures = (failedEvents: readonly EventFailure[], from: number) =>
  failedEvents.map((failedEvent) => ({ ...failedEvent, index: failedEvent.index + from }))
