// The messages of a batch, decoded and held to the contract once, for all the steps that need them.

import { activityInfo } from '@temporalio/activity'
import { LRUCache } from 'lru-cache'
import {
  type CarEvent,
  type EventFailure,
  type Message,
  type ParseResult,
  POISON,
  readEvent,
  reasonsOf,
  rejectUnread,
} from '#contracts'
import { decodeBatch, payloadTrailer } from '#contracts/batch-payload'
import { failure } from '#runtime/service-error'

/** `parsed` is computed when it is first read: a message that is skipped is never parsed. */
export type BatchMessage = {
  readonly index: number
  readonly message: Message
  readonly parsed: ParseResult
}

/** Is told which message is being read, so that a reading that does not end can be found. */
export type ReadingMark = {
  readonly begin: (index: number) => void
  readonly end: () => void
}

const NO_MARK: ReadingMark = { begin: () => {}, end: () => {} }

export type BatchReader = {
  /**
   * Every message of the batch. The steps of a run mostly follow each other on one worker, which then reads once.
   * @throws ApplicationFailure `batch_unreadable` where the payload is not the bridge's
   */
  read(batch: Uint8Array): readonly BatchMessage[]
  /** Forgets the batch: its last step is done. */
  forget(batch: Uint8Array): void
}

/** Bytes of data kept for the next steps; what was read of them takes some six times as much memory. */
const MAX_KEPT_BYTES = 6_000_000

export function createBatchReader(mark: ReadingMark = NO_MARK): BatchReader {
  const kept = new LRUCache<string, readonly BatchMessage[]>({
    maxSize: MAX_KEPT_BYTES,
    sizeCalculation: dataBytes,
  })
  return {
    read: (batch) => {
      const key = keyOf(batch)
      const known = kept.get(key)
      if (known) return known
      const messages = readEach(decode(batch), mark)
      kept.set(key, messages)
      return messages
    },
    forget: (batch) => void kept.delete(keyOf(batch)),
  }
}

/** A run has one batch, and the pieces of it where a worker cannot finish the whole. What is no bytes cannot be read. */
function keyOf(batch: Uint8Array): string {
  const run = activityInfo().workflowExecution?.runId ?? ''
  return `${run} ${ArrayBuffer.isView(batch) ? payloadTrailer(batch) : ''}`
}

/** Pure: the same messages are read the same whenever and wherever they are. */
export function readEach(messages: readonly Message[], mark = NO_MARK): BatchMessage[] {
  return messages.map((message, index) => readLater(message, index, mark))
}

function readLater(message: Message, index: number, mark: ReadingMark): BatchMessage {
  let parsed: ParseResult | undefined
  return {
    index,
    message,
    get parsed() {
      if (parsed) return parsed
      mark.begin(index)
      parsed = readEvent(message)
      mark.end()
      return parsed
    },
  }
}

/** The same message, without a look into it. */
export function unread({ index, message }: BatchMessage, reason: string = POISON): BatchMessage {
  return { index, message, parsed: rejectUnread(message, reason) }
}

/** True where validation could not finish with the message: nothing that is done with it later may read it. */
export function isPoison({ reasons }: Pick<EventFailure, 'reasons'>): boolean {
  return reasons.includes(POISON)
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
  readonly changed: readonly EventFailure[]
}

/** The events whose index is not among `skip`. */
export function acceptedOf(messages: readonly BatchMessage[], skip: readonly number[]): Accepted {
  const skipped = new Set(skip)
  const events: BatchEvent[] = []
  const changed: EventFailure[] = []
  for (const one of messages) {
    const { index, message } = one
    if (skipped.has(index)) continue
    const { parsed } = one
    if (parsed.accepted) events.push({ index, message, event: parsed.event })
    else changed.push({ index, partnerId: parsed.identity.partnerId, reasons: reasonsOf(parsed) })
  }
  return { events, changed }
}
