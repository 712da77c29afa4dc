// Decodes a batch and parses its messages once, for all the steps that need them.

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

/** Is called before and after each message is parsed, so that a message whose parsing does not end can be identified. */
export type ReadingMark = {
  readonly begin: (index: number) => void
  readonly end: () => void
}

const NO_MARK: ReadingMark = { begin: () => {}, end: () => {} }

export type BatchReader = {
  /**
   * Every message of the batch. The steps of a run usually run on the same worker, which then decodes the batch once.
   * @throws ApplicationFailure `batch_unreadable` where the bridge did not encode the payload
   */
  read(batch: Uint8Array): readonly BatchMessage[]
  /** Forgets the batch: its last step is done. */
  forget(batch: Uint8Array): void
}

/** Bytes of message data that are cached for the next steps; the parsed messages take some six times as much memory. */
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

/** A run has one batch, and pieces of it where a worker cannot finish with the whole. An input that is not bytes fails when it is decoded. */
function keyOf(batch: Uint8Array): string {
  const run = activityInfo().workflowExecution?.runId ?? ''
  return `${run} ${ArrayBuffer.isView(batch) ? payloadTrailer(batch) : ''}`
}

/** Pure: the same messages always have the same result. */
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

/** The message as rejected with `reason`, without being parsed. */
export function unread({ index, message }: BatchMessage, reason: string = POISON): BatchMessage {
  return { index, message, parsed: rejectUnread(message, reason) }
}

/** True where validation could not finish parsing the message: no later step may parse it. */
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
  /** Events that validation accepted and that are rejected now, because the contract has changed since. */
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
