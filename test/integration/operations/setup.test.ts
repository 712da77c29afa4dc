// `npm run setup` on real parts: everything is made once, and nothing that exists is taken away.

import { afterAll, beforeAll, expect, test } from '@jest/globals'
import type { Client } from '@temporalio/client'
import { SEARCH_ATTRIBUTES, TABLES, VIEWS } from '#contracts'
import type { Change } from '#operations/setup/change'
import { setUp } from '#operations/setup/setup'
import { cliConfig, readConfig } from '#runtime/config'
import { createPublisher, createSubscriber, subscriptionPath, topicPath } from '#runtime/pubsub'
import { connectClient } from '#runtime/temporal'
import type { Row } from '../../../cli/output/tables.ts'
import { changeRow } from '../../../cli/setup.ts'
import { bigqueryAt, rowsOf } from '../../support/parts.ts'
import { useStack } from '../../support/stack.ts'

const stack = useStack('temporal', 'pubsub', 'bigquery')
const bigquery = () => bigqueryAt(stack().bigquery.url)
const config = () => readConfig(cliConfig, process.env)
const table = (name: string) => bigquery().dataset('streaming').table(name)

let client: Client
beforeAll(async () => {
  client = await connectClient()
})
afterAll(() => client.connection.close())

const EVERYTHING = [
  'topic car-events',
  'topic car-events-retry',
  'topic car-events-dead-letter',
  'subscription car-events-bridge',
  'subscription car-events-witness',
  'subscription car-events-retry-bridge',
  'subscription car-events-dead-letter-inspect',
  'dataset streaming',
  ...TABLES.map(({ name }) => `table streaming.${name}`),
  ...VIEWS.map(({ name }) => `view streaming.${name}`),
  ...Object.keys(SEARCH_ATTRIBUTES).map((name) => `search attribute ${name}`),
  'schedule dead-letter-sweep',
]
const all = (did: Change['did']) => EVERYTHING.map((what) => ({ what, did }))
const run = async () => {
  const extraSubscriptions = { events: ['car-events-witness'], retries: [] }
  return (await setUp(config(), { extraSubscriptions })).map(changeRow)
}
const changesOf = (changes: readonly Row[]) =>
  changes.filter((change) => change['did'] !== 'unchanged')

async function columnsOf(name: string): Promise<unknown> {
  const [{ schema }] = await table(name).getMetadata()
  return schema.fields
}

async function searchAttributes() {
  const { namespace } = client.options
  const { customAttributes } = await client.connection.operatorService.listSearchAttributes({
    namespace,
  })
  return customAttributes
}

test('a first run makes everything, a second changes nothing', async () => {
  expect(await run()).toEqual(all('created'))
  const registered = await searchAttributes()
  expect(Object.keys(registered)).toEqual(expect.arrayContaining(Object.keys(SEARCH_ATTRIBUTES)))
  expect(await run()).toEqual(all('unchanged'))
  expect(await searchAttributes()).toEqual(registered)
})

test.each(TABLES.map((definition) => [definition.name, definition] as const))(
  'the table %s is as it is defined',
  async (name, { columns, partitionBy, clusterBy }) => {
    const [metadata] = await table(name).getMetadata()
    expect(metadata.schema.fields).toEqual(columns.map((column) => expect.objectContaining(column)))
    expect(metadata.timePartitioning).toMatchObject({ type: 'DAY', field: partitionBy })
    expect(metadata.timePartitioning.requirePartitionFilter ?? false).toBe(false)
    expect(metadata.clustering).toEqual({ fields: [...clusterBy] })
  },
)

test.each([...TABLES, ...VIEWS].map(({ name }) => name))(
  'SELECT * FROM streaming.%s works',
  async (name) => {
    expect(await rowsOf(bigquery(), `SELECT * FROM streaming.${name}`)).toEqual([])
  },
)

test.each([
  ['car-events', 'car-events-bridge'],
  ['car-events-retry', 'car-events-retry-bridge'],
  ['car-events-dead-letter', 'car-events-dead-letter-inspect'],
])('what is published to %s waits in %s for a week, which never expires', async (topic, name) => {
  const subscriber = createSubscriber(config())
  try {
    const subscription = subscriptionPath('local', name)
    const [made] = await subscriber.getSubscription({ subscription })
    expect(made.topic).toBe(topicPath('local', topic))
    expect(made.ackDeadlineSeconds).toBe(45)
    expect(Number(made.messageRetentionDuration?.seconds)).toBe(7 * 24 * 60 * 60)
    expect(made.expirationPolicy).toMatchObject({ ttl: null })
  } finally {
    await subscriber.close()
  }
})

test.each([
  ['car-events-bridge', true],
  ['car-events-retry-bridge', true],
  ['car-events-dead-letter-inspect', false],
])(
  '%s: what is delivered a hundred times goes to the dead-letter topic: %s',
  async (name, does) => {
    const subscriber = createSubscriber(config())
    try {
      const subscription = subscriptionPath('local', name)
      const [{ deadLetterPolicy, retryPolicy }] = await subscriber.getSubscription({ subscription })
      const seconds = [retryPolicy?.minimumBackoff, retryPolicy?.maximumBackoff].map((backoff) =>
        Number(backoff?.seconds ?? 0),
      )
      const deadLetterTopic = topicPath('local', 'car-events-dead-letter')
      expect([deadLetterPolicy, ...seconds]).toEqual(
        does ? [{ deadLetterTopic, maxDeliveryAttempts: 100 }, 10, 600] : [null, 0, 0],
      )
    } finally {
      await subscriber.close()
    }
  },
)

test('the dead-letter topic itself keeps what it was given for a month, the others do not', async () => {
  const publisher = createPublisher(config())
  const daysOf = async (name: string) => {
    const [{ messageRetentionDuration }] = await publisher.getTopic({
      topic: topicPath('local', name),
    })
    return Number(messageRetentionDuration?.seconds ?? 0) / (24 * 60 * 60)
  }
  try {
    expect(await daysOf('car-events-dead-letter')).toBe(31)
    expect(await daysOf('car-events-retry')).toBe(0)
    expect(await daysOf('car-events')).toBe(0)
  } finally {
    await publisher.close()
  }
})

test('a column the definition has gained is added, and one BigQuery has more stays', async () => {
  const [metadata] = await table('staging_purchase').getMetadata()
  const { schema, timePartitioning, clustering } = metadata
  const [first, ...older] = schema.fields.filter(
    ({ name }: { name: string }) => name !== 'phone' && name !== 'customer_id',
  )
  const theirs = { name: 'their_own', type: 'STRING', mode: 'NULLABLE' }
  await table('staging_purchase').delete()
  await table('staging_purchase').create({
    schema: { fields: [first, theirs, ...older] },
    timePartitioning,
    clustering,
  })

  expect(changesOf(await run())).toEqual([
    {
      what: 'table streaming.staging_purchase (new columns: customer_id, phone)',
      did: 'updated',
    },
  ])
  const columns = await columnsOf('staging_purchase')
  expect(columns).toEqual(
    expect.arrayContaining([
      expect.objectContaining(theirs),
      expect.objectContaining({ name: 'phone', type: 'STRING', mode: 'NULLABLE' }),
      // BigQuery adds no REQUIRED column.
      expect.objectContaining({ name: 'customer_id', type: 'STRING', mode: 'NULLABLE' }),
    ]),
  )
  expect(columns).toHaveLength(schema.fields.length + 1)
  expect(await run()).toEqual(all('unchanged'))
  expect(await columnsOf('staging_purchase')).toEqual(columns)
})

test('a view whose definition has changed is brought up to date', async () => {
  await table('purchase').setMetadata({
    view: { query: 'SELECT 1 AS old', useLegacySql: false },
  })
  expect(changesOf(await run())).toEqual([{ what: 'view streaming.purchase', did: 'updated' }])
  expect(await rowsOf(bigquery(), 'SELECT * FROM streaming.purchase')).toEqual([])
  expect(await run()).toEqual(all('unchanged'))
})

test('what was deleted is made again, and the rest is left alone', async () => {
  await table('dead_letter').delete()
  expect(changesOf(await run())).toEqual([{ what: 'table streaming.dead_letter', did: 'created' }])
})

test('the sweep is scheduled as it is configured, and stays paused where somebody paused it', async () => {
  const schedule = client.schedule.getHandle('dead-letter-sweep')
  const first = await schedule.describe()
  expect(first.spec.intervals).toMatchObject([{ every: 5 * 60_000 }])
  expect(first.action).toMatchObject({ workflowType: 'sweep', taskQueue: 'events' })
  expect(first.policies.overlap).toBe('SKIP')
  await schedule.pause('by a test')
  const other = { ...config(), SWEEP_INTERVAL_MINUTES: 60, TEMPORAL_TASK_QUEUE: 'others' }
  expect(changesOf((await setUp(other)).map(changeRow))).toEqual([
    { what: 'schedule dead-letter-sweep', did: 'updated' },
  ])
  const { spec, action, state } = await schedule.describe()
  expect(spec.intervals).toMatchObject([{ every: 60 * 60_000 }])
  expect(action).toMatchObject({ taskQueue: 'others' })
  expect(state).toMatchObject({ paused: true, note: 'by a test' })
  expect(changesOf((await setUp(other)).map(changeRow))).toEqual([])
  await run()
})

test('two set-ups at once both succeed', async () => {
  await table('purchase').delete()
  await table('batch_ledger').delete()
  await client.schedule.getHandle('dead-letter-sweep').delete()
  await Promise.all([run(), run()])
  expect(await run()).toEqual(all('unchanged'))
})
