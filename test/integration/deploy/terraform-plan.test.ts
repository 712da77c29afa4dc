// The plans of both environments, made with the real Google provider, are held to the configuration of the processes and to the
// topics that `npm run setup` makes. Without the provider, these tests are skipped.

import { readFileSync } from 'node:fs'
import { beforeAll, expect, test } from '@jest/globals'
import { loadClientConnectConfig } from '@temporalio/envconfig'
import { z } from 'zod'
import { setUp } from '#operations/setup/setup'
import {
  bridgeConfig,
  cliConfig,
  codecServerConfig,
  readConfig,
  workerConfig,
} from '#runtime/config'
import { createPublisher, createSubscriber, subscriptionPath, topicPath } from '#runtime/pubsub'
import { makeFolder } from '../../support/local-bigquery.ts'
import { useStack } from '../../support/stack.ts'
import { copyTerraform, ifProvider, planOf, type Resource } from '../../support/terraform.ts'

useStack('temporal', 'pubsub', 'bigquery')

const container = z.object({
  args: z.array(z.string()).nullable(),
  env: z.array(
    z.object({ name: z.string(), value: z.string(), value_source: z.array(z.unknown()) }),
  ),
})
const template = z.object({ template: z.array(z.object({ containers: z.array(container) })) })

/** A value of the form that the processes check, in the place of a secret. */
const SECRET_VALUES: Readonly<Record<string, string>> = {
  PAYLOAD_KEYS: `k:${Buffer.alloc(32).toString('base64')}`,
  ALERT_WEBHOOK_URL: 'https://hooks.example.com/x',
}

/** The variables of the first container of a planned process. */
function environmentOf(resource: Resource): Record<string, string> {
  const [first] = template.parse(resource.values).template
  const variables = first?.containers[0]?.env ?? []
  return Object.fromEntries(
    variables.map(({ name, value, value_source: source }) => [
      name,
      source.length > 0 ? (SECRET_VALUES[name] ?? 'secret') : value,
    ]),
  )
}

const OFFLINE = {
  'backend_override.tf': 'terraform {\n  backend "local" {}\n}\n',
  'provider_override.tf': 'provider "google" {\n  access_token = "offline"\n}\n',
}

/** The example with everything in it that it has behind a `#`. */
function exampleOf(env: string): string {
  const text = readFileSync(`deploy/terraform/envs/${env}/terraform.tfvars.example`, 'utf8')
  return text
    .replace(/^# (?=(image|secret_versions|has_metrics) =| {2}\w|\})/gm, '')
    .replace('…', 'a'.repeat(64))
}

async function planEnvironment(env: string): Promise<Resource[]> {
  const { folder, remove } = makeFolder()
  try {
    const files = { ...OFFLINE, 'terraform.tfvars': exampleOf(env) }
    return await planOf(await copyTerraform(folder, `deploy/terraform/envs/${env}`, files))
  } finally {
    remove()
  }
}

const describeWithProvider = await ifProvider()

describeWithProvider.each(['dev', 'prod'])('the plan of %s', (env) => {
  let resources: readonly Resource[]
  beforeAll(async () => {
    resources = await planEnvironment(env)
  }, 120_000)

  const named = (type: string, index?: string) => {
    const found = resources.find((each) => each.type === type && each.index === index)
    if (!found) throw new Error(`The plan has no ${type} ${index}`)
    return found
  }
  const ofType = (type: string) => resources.filter((each) => each.type === type)
  const bridge = () => environmentOf(named('google_cloud_run_v2_worker_pool', 'bridge'))
  const worker = () => environmentOf(named('google_cloud_run_v2_worker_pool', 'worker'))

  test('configures the bridge, the worker and the codec server so that they start', () => {
    const project = `my-project-${env}`
    expect(readConfig(bridgeConfig, bridge())).toMatchObject({ GOOGLE_CLOUD_PROJECT: project })
    expect(readConfig(workerConfig, worker())).toMatchObject({ GOOGLE_CLOUD_PROJECT: project })
    const codecServer = environmentOf(named('google_cloud_run_v2_service', 'codec'))
    expect(readConfig(codecServerConfig, codecServer)).toMatchObject({
      CODEC_SERVER_PORT: 8080,
      CODEC_SERVER_ORIGINS: ['https://cloud.temporal.io'],
    })
  })

  test('lets both reach Temporal as it is named, by TLS and with the key', () => {
    for (const environment of [bridge(), worker()])
      expect(loadClientConnectConfig({ overrideEnvVars: environment })).toMatchObject({
        namespace: `car-events-${env}.abcde`,
        connectionOptions: {
          address: 'europe-west1.gcp.api.temporal.io:7233',
          apiKey: 'secret',
          tls: expect.anything(),
        },
      })
  })

  test('has the topics and subscriptions that setup makes, with all of their settings', async () => {
    const config = {
      ...readConfig(cliConfig, { ...process.env, ...bridge() }),
      GOOGLE_CLOUD_PROJECT: 'local',
    }
    await setUp(config)
    const planned = {
      topics: ofType('google_pubsub_topic'),
      subscriptions: ofType('google_pubsub_subscription'),
    }
    expect(planned.topics.map(plannedTopic).toSorted(byName)).toEqual(
      (await topicsIn(config))
        .filter(({ name }) => name.startsWith(`cars-sales-my-project-${env}-`))
        .toSorted(byName),
    )
    expect(planned.subscriptions.map(plannedSubscription).toSorted(byName)).toEqual(
      await Promise.all(
        planned.subscriptions
          .map(({ values }) => String(values['name']))
          .toSorted()
          .map((name) => subscriptionIn(config, name)),
      ),
    )
  })

  test('gives no one access who is not named', () => {
    const members = resources.flatMap(({ values }) =>
      typeof values['member'] === 'string' ? [values['member']] : [],
    )
    expect(members.length).toBeGreaterThan(5)
    expect(members.filter((member) => member.startsWith('all'))).toEqual([])
  })
})

type Named = { readonly name: string }
const byName = (one: Named, other: Named) => (one.name < other.name ? -1 : 1)

const topicValues = z.object({
  name: z.string(),
  message_retention_duration: z.string().nullable(),
})

function plannedTopic({ values }: Resource) {
  const { name, message_retention_duration: kept } = topicValues.parse(values)
  return { name, retentionSeconds: kept === null ? 0 : Number.parseInt(kept, 10) }
}

async function topicsIn(config: z.output<typeof cliConfig>) {
  const publisher = createPublisher(config)
  try {
    const [topics] = await publisher.listTopics({ project: 'projects/local' })
    return topics.map(({ name, messageRetentionDuration }) => ({
      name: String(name?.split('/').at(-1)),
      retentionSeconds: Number(messageRetentionDuration?.seconds ?? 0),
    }))
  } finally {
    await publisher.close()
  }
}

const seconds = z
  .string()
  .regex(/^\d+s$/)
  .transform((text) => Number.parseInt(text, 10))
const lastPart = z.string().transform((path) => path.split('/').at(-1))
const deadLetterPolicy = z.object({
  dead_letter_topic: lastPart,
  max_delivery_attempts: z.number(),
})
const subscriptionValues = z.object({
  name: z.string(),
  topic: lastPart,
  ack_deadline_seconds: z.number(),
  message_retention_duration: seconds,
  expiration_policy: z.tuple([z.object({ ttl: z.literal('') })]),
  dead_letter_policy: z.array(deadLetterPolicy),
  retry_policy: z.array(z.object({ minimum_backoff: seconds, maximum_backoff: seconds })),
  filter: z.null(),
  push_config: z.tuple([]),
})

function plannedSubscription({ values }: Resource) {
  const parsed = subscriptionValues.parse(values)
  const [deadLetter] = parsed.dead_letter_policy
  const [retry] = parsed.retry_policy
  return {
    name: parsed.name,
    topic: parsed.topic,
    ackDeadlineSeconds: parsed.ack_deadline_seconds,
    retentionSeconds: parsed.message_retention_duration,
    deadLetter: deadLetter
      ? [deadLetter.dead_letter_topic, deadLetter.max_delivery_attempts]
      : null,
    backoff: retry ? [retry.minimum_backoff, retry.maximum_backoff] : null,
  }
}

async function subscriptionIn(config: z.output<typeof cliConfig>, name: string) {
  const subscriber = createSubscriber(config)
  try {
    const [made] = await subscriber.getSubscription({
      subscription: subscriptionPath('local', name),
    })
    const { deadLetterPolicy: deadLetter, retryPolicy: retry } = made
    expect(made.expirationPolicy).toMatchObject({ ttl: null })
    expect(made.filter).toBe('')
    return {
      name,
      topic: made.topic?.replace(topicPath('local', ''), ''),
      ackDeadlineSeconds: made.ackDeadlineSeconds,
      retentionSeconds: Number(made.messageRetentionDuration?.seconds),
      deadLetter: deadLetter
        ? [
            deadLetter.deadLetterTopic?.replace(topicPath('local', ''), ''),
            deadLetter.maxDeliveryAttempts,
          ]
        : null,
      backoff: retry
        ? [Number(retry.minimumBackoff?.seconds), Number(retry.maximumBackoff?.seconds)]
        : null,
    }
  } finally {
    await subscriber.close()
  }
}
