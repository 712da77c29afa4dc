// `npm run send`: publishes test events, or those of a file, to the topic.

import { publish } from '#operations/send/publish'
import { readMessages } from '#operations/send/read-file'
import { wallClock } from '#runtime/clock'
import type { CliConfig } from '#runtime/config'
import type { Publishable } from '#runtime/pubsub'
import { importEventGenerator } from './local.ts'
import { progressBar } from './output/progress-bar.ts'

export type SendOptions = {
  readonly count: number
  readonly rate?: number
  readonly partners: number
  readonly invalid: number
  readonly seed: number
  /** A file of NDJSON or of one JSON array, or `-` for standard input; replaces the made events. */
  readonly events?: string
  readonly topic?: string
}

/**
 * @returns how many messages Pub/Sub took
 * @throws MissingKitError where events must be made, and the development kit is not installed
 */
export async function sendEvents(config: CliConfig, options: SendOptions): Promise<number> {
  const messages = await messagesOf(options)
  const bar = progressBar('published', options.events === undefined ? options.count : undefined)
  try {
    return await publish(config, messages, {
      topic: options.topic ?? config.PUBSUB_TOPIC,
      rate: options.rate,
      onPublished: (count) => bar.update(count),
    })
  } finally {
    bar.stop()
  }
}

/** A repeated event is rare among partners' messages, and always there. */
const SHARE_REPEATED = 0.01

/** @throws MissingKitError where events must be made, and the development kit is not installed */
export async function messagesOf(
  options: Omit<SendOptions, 'rate' | 'topic'>,
): Promise<Iterable<Publishable> | AsyncIterable<Publishable>> {
  if (options.events !== undefined) return readMessages(options.events)
  const { makeMessages } = await importEventGenerator()
  return makeMessages({ ...options, repeated: SHARE_REPEATED }, wallClock())
}
