// The messages of a batch, decoded and held to the contract once, for all the steps that need them.

import { activityInfo } from '@temporalio/activity'
import { LRUCache } from 'lru-cache'
import {
  type CarEvent,
  type Casualty,
  type Message,
  type Reading,
  readEvent,
  reasonsOf,
} from '#contracts'
import { decodeBatch } from '#runtime/batch-payload'
import { failure } from './classify-error.ts'

export type BatchMessage = {
  readonly index: number
  readonly message: Message
  readonly reading: Reading
}

export type BatchReader = {
  /**
   * Every message of the batch. The steps of a run mostly follow each other on one worker, which then reads once.
   * @throws ApplicationFailure `batch_unreadable` where the payload is not the bridge's
   */
  read(batch: Uint8Array): readonly BatchMessage[]
  /** Forgets the batch of this run: its last step is done. */
  forget(): void
}

/** Bytes of data kept for the next steps; what was read of them takes some six times as much memory. */
const MAX_KEPT_BYTES = 6_000_000

export function createBatchReader(): BatchReader {
  const kept = new LRUCache<string, readonly BatchMessage[]>({
    maxSize: MAX_KEPT_BYTES,
    sizeCalculation: dataBytes,
  })
  return {
    read: (batch) => {
      const run = runId()
      const known = kept.get(run)
      if (known) return known
      const messages = readEach(decode(batch))
      kept.set(run, messages)
      return messages
    },
    forget: () => void kept.delete(runId()),
  }
}

/** A run has one batch, so that its id stands for the batch. */
const runId = () => activityInfo().workflowExecution?.runId ?? ''

/** Pure: the same messages are read the same whenever and wherever they are. */
export function readEach(messages: readonly Message[]): BatchMessage[] {
  return messages.map((message, index) => ({ index, message, reading: readEvent(message) }))
}

function decode(batch: Uint8Array): Message[] {
  try {
    return decodeBatch(batch)
  } catch (cause) {
    throw failure('batch_unreadable', `The batch payload cannot be read: ${String(cause)}`)
  }
}

const dataBytes = (messages: readonly BatchMessage[]) =>
  messages.reduce((total, { message }) => total + message.data.length, 1)

export type BatchEvent = {
  readonly index: number
  readonly message: Message
  readonly event: CarEvent
}

export type Accepted = {
  readonly events: readonly BatchEvent[]
  /** Accepted by validation, refused now: the contract changed between the two. */
  readonly changed: readonly Casualty[]
}

/** The events whose index is not among `skip`. */
export function acceptedOf(messages: readonly BatchMessage[], skip: readonly number[]): Accepted {
  const skipped = new Set(skip)
  const events: BatchEvent[] = []
  const changed: Casualty[] = []
  for (const { index, message, reading } of messages) {
    if (skipped.has(index)) continue
    if (reading.accepted) events.push({ index, message, event: reading.event })
    else changed.push({ index, partnerId: reading.glimpse.partnerId, reasons: reasonsOf(reading) })
  }
  return { events, changed }
}
