// Checks that the account may pull and publish where the bridge and the commands do. Local servers have no permissions.

import type { v1 } from '@google-cloud/pubsub'
import { IamProtos } from 'google-gax'
import type { CliConfig } from '#runtime/config'
import { createSubscriber, subscriptionPath, topicPath } from '#runtime/pubsub'
import { PubSubError } from '../../pubsub-error.ts'
import { withPubSub } from '../../reach-pubsub.ts'
import { error, type Finding, type Report } from '../finding.ts'
import type { Site } from '../site.ts'

const { TestIamPermissionsRequest } = IamProtos.google.iam.v1

const PULL = 'pubsub.subscriptions.consume'
const PUBLISH = 'pubsub.topics.publish'

type Needed = {
  /** The full name. */
  readonly resource: string
  readonly where: string
  readonly permission: string
  /** Who needs it. */
  readonly by: string
  /** The command that grants it, without the member. */
  readonly grant: string
}

export async function checkPubSubPermissions({ config }: Site): Promise<Report> {
  if (config.PUBSUB_EMULATOR_HOST) return { seen: 'a local server has none', findings: [] }
  return askPubSub(config)
}

/** Asks whatever answers at the address, a local server included. */
export async function askPubSub(config: CliConfig): Promise<Report> {
  const needed = neededOf(config)
  try {
    const held = await withPubSub(config, createSubscriber(config), (subscriber) =>
      Promise.all(needed.map((one) => holds(subscriber, one))),
    )
    return { seen: `${needed.length} permissions of this account`, findings: missing(needed, held) }
  } catch (failure) {
    if (!(failure instanceof PubSubError)) throw failure
    return { skipped: `Pub/Sub could not be asked (${failure.code})` }
  }
}

function missing(needed: readonly Needed[], held: readonly boolean[]): Finding[] {
  return needed
    .filter((_, i) => held[i] === false)
    .map(({ where, permission, by, grant }) =>
      error(
        where,
        `The account of this process lacks ${permission}, which ${by} needs.`,
        `${grant} --member=serviceAccount:ACCOUNT. Where another account runs ${by}, run this command as that account.`,
      ),
    )
}

function neededOf(config: CliConfig): Needed[] {
  const project = config.GOOGLE_CLOUD_PROJECT
  const pull = (name: string): Needed => ({
    resource: subscriptionPath(project, name),
    where: `subscription ${name}`,
    permission: PULL,
    by: 'the bridge',
    grant: `gcloud pubsub subscriptions add-iam-policy-binding ${name} --role=roles/pubsub.subscriber`,
  })
  const publish = (name: string, by: string): Needed => ({
    resource: topicPath(project, name),
    where: `topic ${name}`,
    permission: PUBLISH,
    by,
    grant: `gcloud pubsub topics add-iam-policy-binding ${name} --role=roles/pubsub.publisher`,
  })
  return [
    pull(config.PUBSUB_SUBSCRIPTION),
    pull(config.PUBSUB_RETRY_SUBSCRIPTION),
    publish(config.PUBSUB_DEAD_LETTER_TOPIC, 'the bridge'),
    publish(config.PUBSUB_RETRY_TOPIC, 'a redrive or a replay by the topic'),
  ]
}

async function holds(
  subscriber: v1.SubscriberClient,
  { resource, permission }: Needed,
): Promise<boolean> {
  const asked = new TestIamPermissionsRequest({ resource, permissions: [permission] })
  const [{ permissions }] = await subscriber.testIamPermissions(asked)
  return permissions.includes(permission)
}
