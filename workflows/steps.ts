// The steps that batches and dead letters have in common. Where a worker cannot finish a step with the whole batch, the
// step runs on pieces of it.

import { workflowInfo } from '@temporalio/workflow'
import type { Activated, EventFailure, Staged, ValidationResult } from '#contracts/batch'
import type { Receipt } from '#contracts/receipt'
import { POISON } from '#contracts/sink-reasons'
import type { Activations } from '../activities/log-activations.ts'
import {
  failuresWithin,
  groupsWithin,
  indexesWithin,
  isolate,
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

export async function activateEvents(
  batch: Uint8Array,
  skip: readonly number[],
): Promise<Activated> {
  const results = await isolate<Activated>(batch, {
    run: async (piece) => {
      const { groups, failed } = await proxies.activateEvents(
        piece.batch,
        indexesWithin(skip, piece),
      )
      return {
        groups: groups.map((group) => ({
          ...group,
          indexes: shiftIndexes(group.indexes, piece.from),
        })),
        failed: shiftFailures(failed, piece.from),
      }
    },
    poisoned: async (message) => notActivated(await poisonOf(message, skip)),
  })
  return {
    groups: results.flatMap(({ groups }) => groups),
    failed: results.flatMap(({ failed }) => failed),
  }
}

function notActivated(failed: readonly EventFailure[]): Activated {
  if (failed.length === 0) return { groups: [], failed }
  return { groups: [{ outcome: 'failed', reason: POISON, indexes: indexes(failed) }], failed }
}

/** @returns the events whose outcome a worker cannot record: they are activated, and a redrive has no second effect */
export async function logActivations(
  batch: Uint8Array,
  { skip, activation, ...of }: Activations,
): Promise<EventFailure[]> {
  const results = await isolate<EventFailure[]>(batch, {
    run: async (piece) => {
      await proxies.logActivations(piece.batch, {
        ...of,
        skip: indexesWithin(skip, piece),
        activation: groupsWithin(activation, piece),
      })
      return []
    },
    poisoned: (message) => poisonOf(message, skip),
  })
  return results.flat()
}

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
