// The steps that batches and dead letters have in common. Where a worker cannot finish a step with the whole batch, the
// step runs on pieces of it.

import { workflowInfo } from '@temporalio/workflow'
import type {
  Activated,
  ActivationRequest,
  EventFailure,
  Staged,
  ValidationResult,
  WaitingActivated,
} from '#contracts/batch'
import { summaryOf } from '#contracts/batch-counts'
import { earliest } from '#contracts/earliest'
import { POISON } from '#contracts/poison'
import type { Receipt } from '#contracts/receipt'
import type { WaitingRequest } from '../activities/activate-waiting.ts'
import {
  failuresWithin,
  indexesWithin,
  isolate,
  isWholeBatch,
  type Piece,
  shiftFailures,
  shiftIndexes,
} from './isolate.ts'
import { proxies } from './proxies.ts'

/** Rejects a message that a worker cannot read as poison. Duplicates are found within one piece only. */
export async function validateEvents(batch: Uint8Array): Promise<ValidationResult> {
  const batchId = workflowInfo().workflowId
  const results = await isolate(batch, {
    run: async (piece) => resultOf(piece, await proxies.validateEvents(piece.batch)),
    poisoned: async (message) =>
      resultOf(message, await proxies.rejectPoison(message.batch, { batchId, isReadable: false })),
  })
  return {
    received: sum(results.map(({ received }) => received)),
    accepted: sum(results.map(({ accepted }) => accepted)),
    rejected: results.flatMap(({ rejected }) => rejected),
    duplicates: results.flatMap(({ duplicates }) => duplicates),
    ...(results.some(({ publishesChanges }) => publishesChanges) && { publishesChanges: true }),
  }
}

function resultOf(
  { from }: Piece,
  { rejected, duplicates, ...counts }: ValidationResult,
): ValidationResult {
  return {
    ...counts,
    rejected: shiftFailures(rejected, from),
    duplicates: shiftIndexes(duplicates, from),
  }
}

/**
 * Where a worker cannot make the row of a message, the message is kept byte for byte as poison, without being parsed. The
 * receipt of the whole batch is written with its first message.
 */
export async function writeAuditLog(
  batch: Uint8Array,
  batchId: string,
  rejected: readonly EventFailure[],
  receipt: Receipt | null = null,
): Promise<void> {
  const receiptWith = ({ from }: Piece) => (from === 0 ? receipt : null)
  await isolate(batch, {
    run: (piece) =>
      proxies.writeAuditLog(
        piece.batch,
        batchId,
        failuresWithin(rejected, piece),
        receiptWith(piece),
      ),
    poisoned: (message) =>
      proxies.writeAuditLog(
        message.batch,
        batchId,
        [{ index: 0, partnerId: '', reasons: [POISON] }],
        receiptWith(message),
      ),
  })
}

export async function stageEvents(
  batch: Uint8Array,
  batchId: string,
  skip: readonly number[],
): Promise<Staged> {
  const results = await isolate<Staged>(batch, {
    run: async (piece) => {
      const staged = await proxies.stageEvents(piece.batch, batchId, indexesWithin(skip, piece))
      return { ...staged, failed: shiftFailures(staged.failed, piece.from) }
    },
    poisoned: async (message) => ({
      purchase: 0,
      cancellation: 0,
      failed: await poisonOf(message, skip),
    }),
  })
  return {
    purchase: sum(results.map(({ purchase }) => purchase)),
    cancellation: sum(results.map(({ cancellation }) => cancellation)),
    failed: results.flatMap(({ failed }) => failed),
  }
}

/** Writes the ledger entry of the batch as well, where the request has its counts. */
export async function activateEvents(
  batch: Uint8Array,
  { counts, ...request }: ActivationRequest,
): Promise<Activated> {
  let isRecorded = false
  const results = await isolate<Activated>(batch, {
    run: async (piece) => {
      const skip = indexesWithin(request.skip, piece)
      const recorded = isWholeBatch(piece) && counts !== undefined && { counts }
      const own = { ...request, skip, ...recorded }
      const activated = await proxies.activateEvents(piece.batch, own)
      isRecorded = recorded !== false
      return activatedOf(piece, activated)
    },
    poisoned: async (message) => notActivated(await poisonOf(message, request.skip)),
  })
  const activated = together(results)
  if (counts && !isRecorded)
    await proxies.writeLedger(batch, {
      batchId: request.batchId,
      summary: summaryOf(counts, activated),
    })
  return activated
}

/** @returns indexes of the whole batch */
export async function activateWaiting(
  batch: Uint8Array,
  request: WaitingRequest,
): Promise<WaitingActivated> {
  const results = await isolate<WaitingActivated>(batch, {
    run: async (piece) => {
      const skip = indexesWithin(request.skip, piece)
      const { settled, ...rest } = await proxies.activateWaiting(piece.batch, { ...request, skip })
      return { ...rest, ...activatedOf(piece, rest), settled: shiftIndexes(settled, piece.from) }
    },
    poisoned: async (message) => {
      const failed = await poisonOf(message, request.skip)
      return {
        ...notActivated(failed),
        settled: indexes(failed),
        coolingOff: 0,
        dueInSeconds: null,
      }
    },
  })
  return {
    ...together(results),
    settled: results.flatMap(({ settled }) => settled),
    coolingOff: sum(results.map(({ coolingOff }) => coolingOff)),
    dueInSeconds: earliest(results.map(({ dueInSeconds }) => dueInSeconds)),
  }
}

const activatedOf = ({ from }: Piece, { failed, ...counts }: Activated): Activated => ({
  ...counts,
  failed: shiftFailures(failed, from),
})

const notActivated = (failed: readonly EventFailure[]): Activated => ({
  accepted: 0,
  notActivated: 0,
  waiting: 0,
  failed,
})

const together = (results: readonly Activated[]): Activated => ({
  accepted: sum(results.map(({ accepted }) => accepted)),
  notActivated: sum(results.map(({ notActivated: held }) => held)),
  waiting: sum(results.map(({ waiting }) => waiting)),
  failed: results.flatMap(({ failed }) => failed),
})

/** The message as a failed event with the reason `poison`; none where the step skips the message anyway. */
async function poisonOf(message: Piece, skip: readonly number[]): Promise<EventFailure[]> {
  if (skip.includes(message.from)) return []
  const batchId = workflowInfo().workflowId
  const { rejected } = await proxies.rejectPoison(message.batch, { batchId, isReadable: true })
  return shiftFailures(rejected, message.from)
}

export const indexes = (failedEvents: readonly EventFailure[]) =>
  failedEvents.map(({ index }) => index)

const sum = (numbers: readonly number[]) => numbers.reduce((total, number) => total + number, 0)
