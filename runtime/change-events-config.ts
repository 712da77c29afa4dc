// The configuration of change events: the topic they are published to, which no other part of the pipeline uses.

import { z } from 'zod'

export const changeEvents = { CHANGE_EVENTS_TOPIC: z.string().min(1).optional() }

type Topics = {
  readonly CHANGE_EVENTS_TOPIC?: string | undefined
  readonly PUBSUB_TOPIC: string
  readonly PUBSUB_RETRY_TOPIC: string
  readonly PUBSUB_DEAD_LETTER_TOPIC: string
}

/** The bridge would take change events of another topic of the pipeline for events of partners. */
const hasOwnTopic = (config: Topics): boolean =>
  ![config.PUBSUB_TOPIC, config.PUBSUB_RETRY_TOPIC, config.PUBSUB_DEAD_LETTER_TOPIC].includes(
    config.CHANGE_EVENTS_TOPIC ?? '',
  )

/** The arguments of `refine` for a schema that has all topics. */
export const ownChangeEventsTopic: [typeof hasOwnTopic, { path: string[]; message: string }] = [
  hasOwnTopic,
  {
    path: ['CHANGE_EVENTS_TOPIC'],
    message:
      'must be another topic than PUBSUB_TOPIC, PUBSUB_RETRY_TOPIC and PUBSUB_DEAD_LETTER_TOPIC',
  },
]
