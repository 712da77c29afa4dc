// Publishes messages of the audit log again, so that the pipeline takes each for another delivery of the same message.

import type { BigQuery } from '@google-cloud/bigquery'
import { type Lineage, withLineage } from '#contracts/lineage'
import type { CliConfig } from '#runtime/config'
import type { Publishable } from '#runtime/pubsub'
import type { BigQueryPlace } from '#warehouse/bigquery-error'
import type { Reader } from '#warehouse/read'
import { readPages } from '#warehouse/read-pages'
import {
  countReplayable,
  type ReplayableMessage,
  type ReplayCounts,
  type ReplaySelection,
  replayableMessages,
} from '#warehouse/sql/replayable-messages'
import { OperationError } from '../errors.ts'
import { publish } from '../send/publish.ts'
import { type Checkpoint, writeCheckpoint } from './checkpoint.ts'

export type ReplayTarget = Pick<
  CliConfig,
  'GOOGLE_CLOUD_PROJECT' | 'PUBSUB_EMULATOR_HOST' | 'PUBSUB_RETRY_TOPIC'
>

export type ReplayOptions = {
  /** Messages a second. */
  readonly rate: number
  /** Where to write after each request how far it is. */
  readonly checkpointFile?: string | undefined
  /** Told how many messages Pub/Sub took, in all. */
  readonly onPublished: (published: number) => void
  /** Ends the replay after the request that is under way. */
  readonly signal: AbortSignal
}

export type Replayed = {
  readonly published: number
  /** Message ids that have no room for the attributes of a replay, and were left out. */
  readonly leftOut: readonly string[]
  readonly isDone: boolean
}

/** What is selected, by partner and type. @throws BigQueryError */
export const countReplay = (read: Reader, selection: ReplaySelection): Promise<ReplayCounts[]> =>
  read(countReplayable(selection))

export type ReplaySize = { readonly messages: number; readonly bytes: number }

/** What would be published. Pure. */
export function sizeOf(
  counts: readonly ReplayCounts[],
  { includesStaged }: Pick<ReplaySelection, 'includesStaged'>,
): ReplaySize {
  return counts.reduce(
    (sum, one) => ({
      messages: sum.messages + one.messages - one.open - (includesStaged ? 0 : one.staged),
      bytes: sum.bytes + (includesStaged ? one.bytes : one.missing_bytes),
    }),
    { messages: 0, bytes: 0 },
  )
}

/** A mistaken selection must not flood Segment's and BigQuery's quotas. */
const MAX_UNCONFIRMED: ReplaySize = { messages: 100_000, bytes: 1_000_000_000 }

/** @throws OperationError `replay_too_large` */
export function requireModest({ messages, bytes }: ReplaySize): void {
  if (messages > MAX_UNCONFIRMED.messages || bytes > MAX_UNCONFIRMED.bytes)
    throw new OperationError('replay_too_large', { messages, bytes })
}

/**
 * Safe to repeat: a message that is published twice is a redelivery.
 * @param begun how far the replay is; a new one has published nothing
 * @throws UsageError, PubSubError or GoogleError of Pub/Sub, BigQueryError; what was published before stays published
 */
export async function replay(
  bigquery: BigQuery & BigQueryPlace,
  target: ReplayTarget,
  begun: Checkpoint,
  options: ReplayOptions,
): Promise<Replayed> {
  const outgoing = new Outgoing()
  const save = (taken: number, isDone: boolean) => {
    const after = outgoing.lastOf(taken) ?? begun.selection.after
    const state = {
      selection: { ...begun.selection, ...(after && { after }) },
      published: begun.published + taken,
      isDone,
    }
    if (options.checkpointFile !== undefined) writeCheckpoint(options.checkpointFile, state)
    return state
  }
  const messages = outgoing.messagesOf(
    readPages(bigquery, replayableMessages(begun.selection)),
    options.signal,
  )
  const taken = await publish(target, messages, {
    topic: target.PUBSUB_RETRY_TOPIC,
    rate: options.rate,
    onPublished: (sofar) => options.onPublished(save(sofar, false).published),
  })
  const { published, isDone } = save(taken, !options.signal.aborted)
  return { published, isDone, leftOut: outgoing.leftOut }
}

type Key = { readonly publishTime: string; readonly messageId: string }

/** Turns rows into messages, and remembers which was the last that Pub/Sub took. */
class Outgoing {
  readonly leftOut: string[] = []
  #pending: Key[] = []
  #taken = 0
  #last: Key | undefined

  async *messagesOf(
    pages: AsyncIterable<readonly ReplayableMessage[]>,
    signal: AbortSignal,
  ): AsyncGenerator<Publishable> {
    for await (const page of pages) {
      for (const row of page) {
        if (signal.aborted) return
        const message = toReplay(row)
        if (message === null) this.leftOut.push(row.message_id)
        else {
          this.#pending.push({ publishTime: row.publish_time, messageId: row.message_id })
          yield message
        }
      }
    }
  }

  /** @param taken how many messages Pub/Sub took, never fewer than before */
  lastOf(taken: number): Key | undefined {
    const more = this.#pending.splice(0, taken - this.#taken)
    this.#taken = taken
    this.#last = more.at(-1) ?? this.#last
    return this.#last
  }
}

/** The bytes and attributes of the message, and which message it is of; null where Pub/Sub has no room for that. Pure. */
export function toReplay(row: ReplayableMessage): Publishable | null {
  const lineage: Lineage = { replay_of: row.message_id, replay_publish_time: row.publish_time }
  const { attributes, leftOut } = withLineage(row, lineage)
  return leftOut.length > 0 ? null : { data: row.data, attributes }
}
