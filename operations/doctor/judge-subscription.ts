// Judges the settings of a subscription: each rule is a setting of Pub/Sub that loses, delays or changes messages.

import type { protos } from '@google-cloud/pubsub'
import { ACK_DEADLINE_SECONDS, DAY_SECONDS, RETENTION_SECONDS } from '../setup/pubsub.ts'
import { error, type Finding, warning } from './finding.ts'

type Subscription = protos.google.pubsub.v1.ISubscription

type Rule = {
  readonly severity: Finding['severity']
  readonly isBroken: (subscription: Subscription) => boolean
  readonly what: (subscription: Subscription) => string
  /** The flag of `gcloud pubsub subscriptions update`; absent where the subscription must be made again. */
  readonly flag?: string
}

const secondsOf = (duration: protos.google.protobuf.IDuration | null | undefined) =>
  Number(duration?.seconds ?? 0)

const daysOf = (duration: protos.google.protobuf.IDuration | null | undefined) =>
  Math.round((secondsOf(duration) / DAY_SECONDS) * 10) / 10

/** The most that Pub/Sub takes. */
const MAX_ATTEMPTS = 100

/** The client gives the name or the number of the state. */
const RESOURCE_ERROR: ReadonlySet<string> = new Set(['RESOURCE_ERROR', '2'])

const RULES: readonly Rule[] = [
  {
    severity: 'error',
    isBroken: ({ pushConfig, bigqueryConfig, cloudStorageConfig }) =>
      Boolean(pushConfig?.pushEndpoint || bigqueryConfig?.table || cloudStorageConfig?.bucket),
    what: () => 'Pub/Sub delivers its messages elsewhere, so that the bridge cannot pull them.',
    flag: '--push-endpoint=""',
  },
  {
    severity: 'error',
    isBroken: ({ filter }) => Boolean(filter),
    what: ({ filter }) =>
      `Its filter (${filter}) acknowledges every message that does not match: the pipeline never sees it.`,
  },
  {
    severity: 'error',
    isBroken: ({ detached }) => detached === true,
    what: () => 'It is detached from its topic, and gets no messages.',
  },
  {
    severity: 'error',
    isBroken: ({ state }) => RESOURCE_ERROR.has(String(state)),
    what: () => 'Pub/Sub reports it as RESOURCE_ERROR, and delivers nothing.',
  },
  {
    severity: 'error',
    isBroken: ({ expirationPolicy }) => !expirationPolicy || secondsOf(expirationPolicy.ttl) > 0,
    what: ({ expirationPolicy }) =>
      `Pub/Sub deletes it, with its messages, after ${daysOf(expirationPolicy?.ttl) || 31} days without a pull.`,
    flag: '--expiration-period=never',
  },
  {
    severity: 'error',
    isBroken: ({ ackDeadlineSeconds }) => (ackDeadlineSeconds ?? 0) < ACK_DEADLINE_SECONDS,
    what: ({ ackDeadlineSeconds }) =>
      `Its ack deadline is ${ackDeadlineSeconds} s: Pub/Sub delivers a message again while the bridge still starts its workflow, which takes up to ${ACK_DEADLINE_SECONDS} s.`,
    flag: `--ack-deadline=${ACK_DEADLINE_SECONDS}`,
  },
  {
    severity: 'error',
    isBroken: ({ messageRetentionDuration }) => secondsOf(messageRetentionDuration) < DAY_SECONDS,
    what: ({ messageRetentionDuration }) =>
      `It keeps messages for ${daysOf(messageRetentionDuration)} days: a longer outage loses them.`,
    flag: '--message-retention-duration=7d',
  },
  {
    severity: 'warning',
    isBroken: ({ messageRetentionDuration: kept }) =>
      secondsOf(kept) >= DAY_SECONDS && secondsOf(kept) < RETENTION_SECONDS,
    what: ({ messageRetentionDuration }) =>
      `It keeps messages for ${daysOf(messageRetentionDuration)} days: a longer outage loses them.`,
    flag: '--message-retention-duration=7d',
  },
  {
    severity: 'warning',
    isBroken: ({ deadLetterPolicy }) =>
      Boolean(deadLetterPolicy?.deadLetterTopic) &&
      (deadLetterPolicy?.maxDeliveryAttempts ?? 0) < MAX_ATTEMPTS,
    what: ({ deadLetterPolicy }) =>
      `Its dead-letter policy gives a message up after ${deadLetterPolicy?.maxDeliveryAttempts} deliveries, and an outage of Temporal uses up one each ${ACK_DEADLINE_SECONDS} s.`,
    flag: `--max-delivery-attempts=${MAX_ATTEMPTS}`,
  },
  {
    severity: 'warning',
    isBroken: ({ enableMessageOrdering }) => enableMessageOrdering === true,
    what: () =>
      'Message ordering is on: a message that waits holds back all others of its ordering key. The pipeline does not need it.',
  },
  {
    severity: 'warning',
    isBroken: ({ enableExactlyOnceDelivery }) => enableExactlyOnceDelivery === true,
    what: () =>
      'Exactly-once delivery is on: it is slower, and the pipeline recognises what is delivered twice by itself.',
    flag: '--no-enable-exactly-once-delivery',
  },
  {
    severity: 'warning',
    isBroken: ({ messageTransforms }) => Boolean(messageTransforms?.length),
    what: () =>
      'It changes messages before the bridge pulls them, so that the audit log does not have what partners sent.',
    flag: '--clear-message-transforms',
  },
]

/**
 * Pure.
 * @param topic the full name of the topic that it should belong to
 */
export function judgeSubscription(
  name: string,
  topic: string,
  subscription: Subscription,
): Finding[] {
  const where = `subscription ${name}`
  const broken = RULES.filter(({ isBroken }) => isBroken(subscription)).map(
    ({ severity, what, flag }) => {
      const fix =
        flag === undefined
          ? 'Delete it once it is empty, and run `npm run setup`: this cannot be changed.'
          : `gcloud pubsub subscriptions update ${name} ${flag}`
      return (severity === 'error' ? error : warning)(where, what(subscription), fix)
    },
  )
  return subscription.topic === topic ? broken : [wrongTopic(where, subscription), ...broken]
}

const wrongTopic = (where: string, { topic }: Subscription) =>
  error(
    where,
    `It belongs to the topic ${topic}, so that it gets other messages, or none.`,
    'Delete it once it is empty, and run `npm run setup`: this cannot be changed.',
  )
