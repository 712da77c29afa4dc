// The topics of the pipeline and the subscriptions to each.

import { CHANGES_TOPIC, TOPICS } from '#contracts'
import type { CliConfig } from '#runtime/config'
import type { TopicSetup } from './pubsub.ts'

/** Subscriptions in addition to the bridge's own: of the topic of events, and of the retry topic. */
export type ExtraSubscriptions = {
  readonly events: readonly string[]
  readonly retries: readonly string[]
}

export function topicsOf(
  config: CliConfig,
  { events, retries }: ExtraSubscriptions = { events: [], retries: [] },
): TopicSetup[] {
  const deadLetterTopic = config.PUBSUB_DEAD_LETTER_TOPIC
  return [
    {
      topic: config.PUBSUB_TOPIC,
      subscriptions: [config.PUBSUB_SUBSCRIPTION, ...events],
      keepsDays: TOPICS.events.retentionDays,
      deadLetterTopic,
    },
    {
      topic: config.PUBSUB_RETRY_TOPIC,
      subscriptions: [config.PUBSUB_RETRY_SUBSCRIPTION, ...retries],
      keepsDays: TOPICS.retries.retentionDays,
      deadLetterTopic,
    },
    {
      topic: deadLetterTopic,
      // For people: nothing of the pipeline pulls it.
      subscriptions: [`${deadLetterTopic}-inspect`],
      keepsDays: TOPICS.dead_letters.retentionDays,
    },
    ...changesTopicOf(config),
  ]
}

/** Where change events are switched on. The subscriptions of their topic belong to the consumers. */
function changesTopicOf({ CHANGE_EVENTS_TOPIC: topic }: CliConfig): TopicSetup[] {
  return topic === undefined
    ? []
    : [{ topic, subscriptions: [], keepsDays: CHANGES_TOPIC.retentionDays }]
}
