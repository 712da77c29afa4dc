// The topics and subscriptions of Pub/Sub, defined once: `npm run setup` and Terraform make them from here. Terraform puts its
// prefix before the names; elsewhere the configuration may give other names.

export type TopicDefinition = {
  readonly name: string
  /** Its one subscription. */
  readonly subscription: string
  /** Days the topic itself keeps what was published, whatever became of it in subscriptions; 0 for none. */
  readonly retentionDays: number
  /** Whether the bridge pulls it, so that the dead-letter policy and the retry policy apply. */
  readonly isPulledByBridge: boolean
}

export const TOPICS = {
  events: {
    name: 'car-events',
    subscription: 'car-events-bridge',
    retentionDays: 0,
    isPulledByBridge: true,
  },
  retries: {
    name: 'car-events-retry',
    subscription: 'car-events-retry-bridge',
    retentionDays: 0,
    isPulledByBridge: true,
  },
  dead_letters: {
    name: 'car-events-dead-letter',
    // For people: nothing of the pipeline pulls it.
    subscription: 'car-events-dead-letter-inspect',
    // As long as Pub/Sub can, since nothing else has what is in it.
    retentionDays: 31,
    isPulledByBridge: false,
  },
} as const satisfies Readonly<Record<string, TopicDefinition>>

/** The topic of change events, where they are published; its subscriptions belong to the consumers. */
export const CHANGES_TOPIC = {
  name: 'order-changes.v1',
  // A consumer that was down, or is new, can go back so far.
  retentionDays: 7,
} as const

export const SUBSCRIPTION_SETTINGS = {
  /**
   * Longer than a message may wait in the bridge: for the start before it (20 s), a pause after a failure (2 s)
   * and its own start (20 s), so that it comes again only when it must.
   */
  ackDeadlineSeconds: 45,
  /** What waits for a bridge that is down, or for a person, is kept this long; the longest a local Pub/Sub takes. */
  retentionDays: 7,
} as const

/**
 * How often, and how soon, Pub/Sub delivers again what the bridge pulled and did not acknowledge. With these pauses the last
 * attempt comes some 17 hours after the first: an outage of Temporal that is shorter moves nothing to the dead-letter topic.
 */
export const REDELIVERY = {
  /** The most that Pub/Sub takes. */
  maxDeliveryAttempts: 100,
  minimumBackoffSeconds: 10,
  /** The longest that Pub/Sub takes. */
  maximumBackoffSeconds: 600,
} as const
