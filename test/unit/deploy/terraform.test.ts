// What deploy/terraform says, held against the code it deploys, where the Google provider is not at hand. With it,
// test/integration/deploy/terraform.test.ts plans and applies.

import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { expect, test } from '@jest/globals'
import { z } from 'zod'
import { TABLES, TOPICS, VIEWS } from '#contracts'
import { bridgeConfig, codecServerConfig, workerConfig } from '#runtime/config'
import { folders, localsOf, readHcl, resourceOf } from '../../support/hcl.ts'

const WORKERS = 'modules/workers'

const secret = z.object({ variable: z.string().nullable(), readers: z.array(z.string()) })
const secrets = z.record(z.string(), secret)
const names = z.record(z.string(), z.string()).transform(Object.keys)

const environment = z.object({
  temporal_environment: names,
  service_environment: names,
  bridge_environment: names,
  worker_environment: names,
  codec_server_environment: names,
  pipeline_secrets: secrets,
  temporal_secrets: z.record(z.string(), secrets),
})
const locals = environment.parse(await localsOf(WORKERS))

/** Read by Temporal's own configuration loader. */
const OF_TEMPORAL =
  /^TEMPORAL_(ADDRESS|NAMESPACE|API_KEY|TLS(_SERVER_NAME|_CLIENT_(CERT|KEY)_DATA)?)$/

const secretsOf = (process: string, of: z.output<typeof secrets>) =>
  Object.values(of).flatMap(({ variable, readers }) =>
    variable !== null && readers.includes(process) ? [variable] : [],
  )

const PROCESSES = [
  ['bridge', bridgeConfig, [...locals.service_environment, ...locals.bridge_environment]],
  ['worker', workerConfig, [...locals.service_environment, ...locals.worker_environment]],
  ['codec-server', codecServerConfig, locals.codec_server_environment],
] as const

test.each(PROCESSES)(
  '%s: every variable that it is given is one that it reads',
  (process, schema, given) => {
    const all = [...given, ...secretsOf(process, locals.pipeline_secrets)]
    expect(all.length).toBeGreaterThan(3)
    expect(all.filter((name) => !(name in schema.shape))).toEqual([])
  },
)

test.each(PROCESSES)('%s: every variable that it needs is given', (process, schema, given) => {
  const needed = schema.safeParse({}).error?.issues.map(({ path }) => String(path[0])) ?? []
  const all: string[] = [...given, ...secretsOf(process, locals.pipeline_secrets)]
  expect(needed.filter((name) => !all.includes(name))).toEqual([])
})

test('the worker cannot do without a project and a write key', () => {
  const { error } = workerConfig.safeParse({})
  expect(error?.issues.map(({ path }) => path[0])).toEqual(
    expect.arrayContaining(['GOOGLE_CLOUD_PROJECT', 'SEGMENT_WRITE_KEY']),
  )
})

test("Temporal's variables are those that its SDK reads", () => {
  const ofSecrets = Object.values(locals.temporal_secrets).flatMap((of) => secretsOf('bridge', of))
  const all = [...locals.temporal_environment, ...ofSecrets]
  expect(all).toEqual(expect.arrayContaining(['TEMPORAL_ADDRESS', 'TEMPORAL_API_KEY']))
  expect(all.filter((name) => !OF_TEMPORAL.test(name))).toEqual([])
})

test.each(['bridge', 'worker', 'codec_server'])('%s runs a file that exists', async (name) => {
  const text = readFileSync(`deploy/terraform/modules/workers/${name}.tf`, 'utf8')
  const [, main = ''] = /args\s+= \["([\w/-]+\.ts)"/.exec(text) ?? []
  expect(existsSync(main)).toBe(true)
})

test('topics and subscriptions are those of setup, with its settings', async () => {
  const { pubsub, settings, redelivery } = await localsOf('modules/ingest')
  expect(pubsub).toBe(
    '${jsondecode(file("${path.module}/../../../../contracts/generated/pubsub.json"))}',
  )
  expect([settings, redelivery]).toEqual([
    '${local.pubsub.subscriptionSettings}',
    '${local.pubsub.redelivery}',
  ])
  expect(await resourceOf('modules/ingest', 'google_pubsub_topic', 'topic')).toMatchObject({
    for_each: '${local.pubsub.topics}',
    name: '${var.prefix}-${each.value.name}',
  })
  const subscription = await resourceOf(
    'modules/ingest',
    'google_pubsub_subscription',
    'subscription',
  )
  const isOfBridge = '${each.value.isPulledByBridge ? [local.redelivery] : []}'
  expect(subscription).toMatchObject({
    for_each: '${local.pubsub.topics}',
    name: '${var.prefix}-${each.value.subscription}',
    topic: '${local.topic_ids[each.key]}',
    ack_deadline_seconds: '${local.settings.ackDeadlineSeconds}',
    message_retention_duration: '${local.settings.retentionDays * local.day_seconds}s',
    expiration_policy: [{ ttl: '' }],
    dynamic: {
      dead_letter_policy: [
        {
          for_each: isOfBridge,
          content: [
            {
              dead_letter_topic: '${local.topic_ids["dead_letters"]}',
              max_delivery_attempts: '${dead_letter_policy.value.maxDeliveryAttempts}',
            },
          ],
        },
      ],
      retry_policy: [
        {
          for_each: isOfBridge,
          content: [
            {
              minimum_backoff: '${retry_policy.value.minimumBackoffSeconds}s',
              maximum_backoff: '${retry_policy.value.maximumBackoffSeconds}s',
            },
          ],
        },
      ],
    },
  })
  // What setup does not set, Terraform does not either.
  expect(Object.keys(subscription)).not.toEqual(
    expect.arrayContaining([expect.stringMatching(/^(push_config|filter|enable_\w+|retain_\w+)$/)]),
  )
})

test('setup and the dead-letter topic agree on the name of its subscription', () => {
  expect(TOPICS.dead_letters.subscription).toBe(`${TOPICS.dead_letters.name}-inspect`)
})

test('tables and views are those of setup, as they are defined', async () => {
  const { contract } = await localsOf('modules/warehouse')
  expect(contract).toBe(
    '${jsondecode(file("${path.module}/../../../../contracts/generated/tables.json"))}',
  )
  expect(await resourceOf('modules/warehouse', 'google_bigquery_table', 'table')).toMatchObject({
    for_each: '${{ for table in local.contract.tables : table.name => table }}',
    table_id: '${each.key}',
    description: '${each.value.description}',
    schema: '${jsonencode(each.value.columns)}',
    clustering: '${each.value.clusterBy}',
    time_partitioning: [{ type: 'DAY', field: '${each.value.partitionBy}' }],
  })
  for (const name of ['view', 'view_of_views'])
    expect(await resourceOf('modules/warehouse', 'google_bigquery_table', name)).toMatchObject({
      table_id: '${each.key}',
      description: '${each.value.description}',
      view: [{ query: '${each.value.query}', use_legacy_sql: false }],
    })
})

test('a view reads tables, or views that read tables alone: Terraform makes them in two steps', () => {
  const readsView = (query: string) =>
    VIEWS.filter(({ name }) => new RegExp(`\\bstreaming\\.${name}\\b`).test(query))
  const deepest = VIEWS.filter(({ query }) =>
    readsView(query).some((view) => readsView(view.query).length > 0),
  )
  expect(deepest.map(({ name }) => name)).toEqual([])
  expect(
    TABLES.map(({ name }) => name).filter((name) => VIEWS.some((view) => view.name === name)),
  ).toEqual([])
})

test('alert policies are made of the rules that Prometheus loads', async () => {
  const { groups } = await localsOf('modules/observability')
  expect(groups).toContain('${path.module}/../../../prometheus/rules.yml')
  expect(existsSync('deploy/prometheus/rules.yml')).toBe(true)
})

test.each(folders)('%s: each variable says what it is', async (folder) => {
  const files = await readHcl(folder, '.tf')
  const variables = files.flatMap(({ variable }) => Object.entries(variable))
  expect(variables.length).toBeGreaterThan(0)
  for (const [name, [{ description } = {}]] of variables)
    expect({ name, description }).toEqual({
      name,
      description: expect.stringMatching(/^[A-Z].*\.$/),
    })
})

test.each(folders)('%s: every rule of a variable has a test that breaks it', async (folder) => {
  const variables = (await readHcl(folder, '.tf')).flatMap(({ variable }) =>
    Object.entries(variable),
  )
  const rules = variables.flatMap(([name, [each]]) => each?.validation.map(() => name) ?? [])
  const tests = existsSync(`deploy/terraform/${folder}/tests`)
    ? await readHcl(`${folder}/tests`, '.tftest.hcl')
    : []
  const broken = tests.flatMap(({ run }) =>
    Object.values(run).flatMap((each) => each.flatMap(({ expect_failures: failures }) => failures)),
  )
  const count = (name: string, all: readonly string[]) => all.filter((each) => each === name).length
  const untested = rules.filter((name) => count(`\${var.${name}}`, broken) < count(name, rules))
  expect(untested).toEqual([])
})

test('every module has tests, and every folder the same versions', async () => {
  for (const folder of folders.filter((name) => name.startsWith('modules/')))
    expect(readdirSync(`deploy/terraform/${folder}/tests`).join()).toContain('.tftest.hcl')
  const versions = folders.map((folder) =>
    readFileSync(`deploy/terraform/${folder}/versions.tf`, 'utf8'),
  )
  expect(new Set(versions).size).toBe(1)
})

test.each(['dev', 'prod'])(
  'the example of %s sets variables that there are, and all that are needed',
  async (env) => {
    const [example] = await readHcl(`envs/${env}`, '.tfvars.example')
    const text = readFileSync(`deploy/terraform/envs/${env}/terraform.tfvars.example`, 'utf8')
    const variables = (await readHcl(`envs/${env}`, '.tf')).flatMap(({ variable }) =>
      Object.entries(variable),
    )
    const known = variables.map(([name]) => name)
    const set = Array.from(text.matchAll(/^(?:# )?([a-z_]+)\s+= /gm), ([, name = '']) => name)
    expect(set.length).toBeGreaterThan(8)
    expect(set.filter((name) => !known.includes(name))).toEqual([])
    const needed = variables.flatMap(([name, [each]]) => (each && 'default' in each ? [] : [name]))
    expect(needed.filter((name) => !(name in (example ?? {})))).toEqual([])
  },
)

test('dev and prod differ in size and protection alone', async () => {
  const [dev, prod] = ['dev', 'prod'].map((env) =>
    readFileSync(`deploy/terraform/envs/${env}/main.tf`, 'utf8'),
  )
  const plain = (text = '') =>
    text.replace(/^ {2}(environment|is_protected|bridge|worker) += .*\n/gm, '')
  expect(plain(dev)).toBe(plain(prod))
})

test('the README of Terraform names every variable of an environment, and no other', async () => {
  const readme = readFileSync('deploy/terraform/README.md', 'utf8')
  const variables = (await readHcl('envs/prod', '.tf')).flatMap(({ variable }) =>
    Object.keys(variable),
  )
  const rows = Array.from(readme.matchAll(/^\| `([a-z_]+)` +\|/gm), ([, name = '']) => name)
  expect(rows.toSorted()).toEqual(variables.toSorted())
})
