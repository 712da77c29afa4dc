// `npm run doctor` on real parts: each finding is caused, reported with its place, and gone once it is fixed.

import { randomUUID } from 'node:crypto'
import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import type { Client } from '@temporalio/client'
import { msToTs } from '@temporalio/common/lib/time.js'
import { grpc } from 'google-gax'
import { SWEEP_SCHEDULE, WORKFLOW } from '#contracts'
import { checkBigQueryTables } from '#operations/doctor/checks/bigquery-tables'
import { checkClock } from '#operations/doctor/checks/clock'
import { checkConfiguration } from '#operations/doctor/checks/configuration'
import { checkPartnerRegistry } from '#operations/doctor/checks/partner-registry'
import { checkPayloadKeys } from '#operations/doctor/checks/payload-keys'
import { askPubSub } from '#operations/doctor/checks/pubsub-permissions'
import { checkPubSubSettings } from '#operations/doctor/checks/pubsub-settings'
import { checkSearchAttributes } from '#operations/doctor/checks/search-attributes'
import { checkSegment } from '#operations/doctor/checks/segment'
import { checkSweepSchedule } from '#operations/doctor/checks/sweep-schedule'
import { checkTemporalNamespace } from '#operations/doctor/checks/temporal-namespace'
import { examine } from '#operations/doctor/doctor'
import type { CheckResult } from '#operations/doctor/finding'
import { type Check, runChecks } from '#operations/doctor/run-checks'
import { createSite } from '#operations/doctor/site'
import { SEARCH_ATTRIBUTE_TYPES } from '#operations/setup/search-attributes'
import { setUp } from '#operations/setup/setup'
import { cliConfig, readConfig } from '#runtime/config'
import { newPayloadKey } from '#runtime/payload-keys'
import { createPublisher, createSubscriber, subscriptionPath, topicPath } from '#runtime/pubsub'
import { connectClient } from '#runtime/temporal'
import { rawMethod } from '../../../bench/load/raw-grpc.ts'
import { resultText } from '../../../cli/doctor/run.ts'
import { stackDir } from '../../../deploy/local/paths.ts'
import { type AnsweringServer, says, startAnsweringServer } from '../../support/answering-server.ts'
import { bigqueryAt, callsAt } from '../../support/parts.ts'
import { NOWHERE } from '../../support/ports.ts'
import { useStackWithTables } from '../../support/stack.ts'
import { waitFor } from '../../support/wait-for.ts'

const stack = useStackWithTables('temporal', 'pubsub', 'bigquery', 'segment')
type Variables = Readonly<Record<string, string>>
const environment = (own: Variables = {}) => ({
  ...process.env,
  SEGMENT_WRITE_KEY: 'demo',
  ...own,
})
const config = (own: Variables = {}) => readConfig(cliConfig, environment(own))

let client: Client
let other: AnsweringServer
beforeAll(async () => {
  client = await connectClient()
  other = await startAnsweringServer()
  await setUp(config())
}, 120_000)
afterAll(async () => {
  await client.connection.close()
  await other.close()
})

async function look(run: Check['run'], own: Variables = {}): Promise<CheckResult> {
  const site = createSite(config(own), environment(own))
  try {
    const [result] = await runChecks([{ name: 'it', run }], site)
    if (!result) throw new Error('no check ran')
    return result
  } finally {
    await site.close()
  }
}

/** For example `error subscription car-events-bridge`. */
const places = ({ findings }: CheckResult) =>
  findings.map(({ severity, where }) => `${severity} ${where}`)

const whatIn = ({ findings }: CheckResult) => findings.map(({ what }) => what).join('\n')

/** The finding is there after `cause`, and gone after `fix`. */
async function causes(
  run: Check['run'],
  { cause, fix }: { cause: () => Promise<unknown>; fix: () => Promise<unknown> },
): Promise<CheckResult> {
  await cause()
  try {
    return await look(run)
  } finally {
    await fix()
    expect(places(await look(run))).toEqual([])
  }
}

test('nothing is wrong after a set-up, but that no worker runs', async () => {
  const results = await examine(config(), environment())
  expect(results.filter(({ state }) => state !== 'ok')).toEqual([
    expect.objectContaining({ check: 'workers', state: 'warning' }),
  ])
  expect(results.flatMap(places)).toEqual([
    'warning task queue events',
    'warning task queue events-activation',
  ])
  expect(results.every(({ check, seen }) => check !== '' && seen !== '')).toBe(true)
})

describe('Pub/Sub', () => {
  const NAME = 'car-events-bridge'
  const inPubSub = async (
    use: (
      subscriber: ReturnType<typeof createSubscriber>,
      publisher: ReturnType<typeof createPublisher>,
    ) => Promise<unknown>,
  ) => {
    const [subscriber, publisher] = [createSubscriber(config()), createPublisher(config())]
    try {
      await use(subscriber, publisher)
    } finally {
      await Promise.all([subscriber.close(), publisher.close()])
    }
  }
  const subscription = subscriptionPath('local', NAME)
  const remake = (settings: object) =>
    inPubSub(async (subscriber) => {
      await subscriber.deleteSubscription({ subscription })
      await subscriber.createSubscription({
        name: subscription,
        topic: topicPath('local', 'car-events'),
        ackDeadlineSeconds: 45,
        messageRetentionDuration: { seconds: 7 * 86_400 },
        expirationPolicy: {},
        ...settings,
      })
    })
  const deadLetterTopic = topicPath('local', 'car-events-dead-letter')

  test.each([
    ['error', 'ack deadline is 10 s', { ackDeadlineSeconds: 10 }],
    ['error', 'for 0.5 days', { messageRetentionDuration: { seconds: 43_200 } }],
    ['warning', 'for 3 days', { messageRetentionDuration: { seconds: 3 * 86_400 } }],
    ['error', 'after 2 days', { expirationPolicy: { ttl: { seconds: 2 * 86_400 } } }],
    ['error', 'filter', { filter: 'attributes.partner_id = "dealer-7"' }],
    ['error', 'elsewhere', { pushConfig: { pushEndpoint: 'http://127.0.0.1:9/push' } }],
    ['warning', 'ordering', { enableMessageOrdering: true }],
    ['warning', 'Exactly-once', { enableExactlyOnceDelivery: true }],
    [
      'warning',
      'after 5 deliveries',
      { deadLetterPolicy: { deadLetterTopic, maxDeliveryAttempts: 5 } },
    ],
    ['error', 'belongs to the topic', { topic: topicPath('local', 'car-events-retry') }],
  ])('%s: a subscription whose setting hurts: %s', async (severity, what, settings) => {
    const result = await causes(checkPubSubSettings, {
      cause: () => remake(settings),
      fix: () => remake({}),
    })
    expect(places(result)).toEqual([`${severity} subscription ${NAME}`])
    expect(whatIn(result)).toContain(what)
  })

  test('a dead-letter policy that allows for an outage is none', async () => {
    await remake({ deadLetterPolicy: { deadLetterTopic, maxDeliveryAttempts: 100 } })
    expect(places(await look(checkPubSubSettings))).toEqual([])
    await remake({})
  })

  test('a topic and a subscription that do not exist', async () => {
    const result = await causes(checkPubSubSettings, {
      cause: () =>
        inPubSub(async (subscriber, publisher) => {
          // The topic cannot be deleted while a subscription has it as its dead-letter topic.
          for (const name of ['car-events-retry-bridge', 'car-events-dead-letter-inspect'])
            await subscriber.deleteSubscription({ subscription: subscriptionPath('local', name) })
          await publisher.deleteTopic({ topic: deadLetterTopic })
        }),
      fix: () => setUp(config()),
    })
    expect(places(result)).toEqual([
      'error subscription car-events-retry-bridge',
      'error topic car-events-dead-letter',
      'error subscription car-events-dead-letter-inspect',
    ])
  })

  test('a dead-letter topic that forgets what is in it', async () => {
    const remakeTopic = (seconds: number) =>
      inPubSub(async (_, publisher) => {
        await publisher.updateTopic({
          topic: { name: deadLetterTopic, messageRetentionDuration: { seconds } },
          updateMask: { paths: ['message_retention_duration'] },
        })
      })
    const result = await causes(checkPubSubSettings, {
      cause: () => remakeTopic(86_400),
      fix: () => remakeTopic(31 * 86_400),
    })
    expect(places(result)).toEqual(['warning topic car-events-dead-letter'])
  })

  test('permissions that the account lacks', async () => {
    const server = await serveIam(['pubsub.topics.publish'])
    try {
      const asked = { ...config(), PUBSUB_EMULATOR_HOST: server.host }
      const report = await askPubSub(asked)
      expect(report).toMatchObject({
        findings: [
          { severity: 'error', where: 'subscription car-events-bridge' },
          { severity: 'error', where: 'subscription car-events-retry-bridge' },
        ],
      })
    } finally {
      server.stop()
    }
  })
})

/** Answers TestIamPermissions: the account holds these permissions on everything. */
async function serveIam(held: readonly string[]) {
  const server = new grpc.Server()
  const answer = (
    call: grpc.ServerUnaryCall<Buffer, Buffer>,
    reply: grpc.sendUnaryData<Buffer>,
  ) => {
    const asked = call.request.toString('latin1')
    const permissions = held.filter((permission) => asked.includes(permission))
    reply(
      null,
      Buffer.concat(
        permissions.map((one) =>
          Buffer.from(`\n${String.fromCharCode(one.length)}${one}`, 'latin1'),
        ),
      ),
    )
  }
  server.addService(
    { TestIamPermissions: rawMethod('/google.iam.v1.IAMPolicy/TestIamPermissions') },
    { TestIamPermissions: answer },
  )
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', grpc.ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve(bound),
    )
  })
  return { host: `127.0.0.1:${port}`, stop: () => server.forceShutdown() }
}

describe('BigQuery', () => {
  const table = (name: string) => bigqueryAt(stack().bigquery.url).dataset('streaming').table(name)
  type Metadata = { schema: { fields: { name: string; type: string; mode: string }[] } }
  const remake = async (change: (metadata: Metadata) => object) => {
    const [metadata] = await table('batch_ledger').getMetadata()
    const { schema, timePartitioning, clustering } = metadata
    await table('batch_ledger').delete()
    await table('batch_ledger').create({
      schema,
      timePartitioning,
      clustering,
      ...change(metadata),
    })
  }
  const fix = async () => {
    await table('batch_ledger').delete()
    await setUp(config())
  }
  const fieldsOf = ({ schema }: Metadata) => schema.fields
  const nullable = { mode: 'NULLABLE' }

  test.each([
    [
      'The column waiting is missing',
      (one: Metadata) => ({
        schema: { fields: fieldsOf(one).filter(({ name }) => name !== 'waiting') },
      }),
    ],
    [
      'The column waiting is STRING',
      (one: Metadata) => ({
        schema: {
          fields: fieldsOf(one).map((field) =>
            field.name === 'waiting' ? { ...field, type: 'STRING' } : field,
          ),
        },
      }),
    ],
    [
      'The column waiting is REQUIRED',
      (one: Metadata) => ({
        schema: {
          fields: fieldsOf(one).map((field) =>
            field.name === 'waiting' ? { ...field, mode: 'REQUIRED' } : field,
          ),
        },
      }),
    ],
    [
      'requires the column theirs',
      (one: Metadata) => ({
        schema: {
          fields: [...fieldsOf(one), { name: 'theirs', type: 'STRING', mode: 'REQUIRED' }],
        },
      }),
    ],
    [
      'not partitioned by day of publish_time',
      () => ({ timePartitioning: { type: 'DAY', field: 'ingested_at' } }),
    ],
    ['not clustered by batch_id', () => ({ clustering: { fields: ['received'] } })],
  ])('a table that is not as defined: %s', async (what, change) => {
    const result = await causes(checkBigQueryTables, { cause: () => remake(change), fix })
    expect(whatIn(result)).toContain(what)
    expect(result.findings.every(({ where }) => where === 'table streaming.batch_ledger')).toBe(
      true,
    )
  })

  test('a column that setup added, nullable where it is required, is as it should be', async () => {
    await remake((one) => ({
      schema: { fields: fieldsOf(one).map((field) => ({ ...field, ...nullable })) },
    }))
    expect(places(await look(checkBigQueryTables))).toEqual([])
    await fix()
  })

  test('a table and a view that do not exist, and a view of another version', async () => {
    const result = await causes(checkBigQueryTables, {
      cause: async () => {
        await table('batch_ledger').delete()
        await table('reconciliation').delete()
        await table('purchase').setMetadata({
          view: { query: 'SELECT 1 AS old', useLegacySql: false },
        })
      },
      fix: () => setUp(config()),
    })
    expect(places(result).toSorted()).toEqual([
      'error table streaming.batch_ledger',
      'error view streaming.purchase',
      'error view streaming.reconciliation',
    ])
  })

  test('a dataset in another place than configured', async () => {
    const result = await look(checkBigQueryTables, { BIGQUERY_LOCATION: 'europe-west3' })
    expect(places(result)).toEqual(['warning dataset streaming'])
  })
})

describe('Temporal', () => {
  const namespace = 'default'
  const schedule = () => client.schedule.getHandle(SWEEP_SCHEDULE)

  test('a search attribute that is not registered', async () => {
    const result = await causes(checkSearchAttributes, {
      cause: () =>
        client.connection.operatorService.removeSearchAttributes({
          namespace,
          searchAttributes: ['Stage'],
        }),
      fix: () => setUp(config()),
    })
    expect(places(result)).toEqual(['error search attribute Stage'])
    expect(whatIn(result)).toContain('It is not registered')
  })

  test('a search attribute of another type', async () => {
    const { operatorService } = client.connection
    const remove = () =>
      operatorService.removeSearchAttributes({ namespace, searchAttributes: ['Stage'] })
    const result = await causes(checkSearchAttributes, {
      cause: async () => {
        await remove()
        const searchAttributes = { Stage: SEARCH_ATTRIBUTE_TYPES.INT }
        await operatorService.addSearchAttributes({ namespace, searchAttributes })
      },
      fix: async () => {
        await remove()
        await setUp(config())
      },
    })
    expect(places(result)).toEqual(['error search attribute Stage'])
    expect(whatIn(result)).toContain('another type than KEYWORD')
  })

  test('a retention that is shorter than the sweep needs', async () => {
    const keepFor = (hours: number) =>
      client.workflowService.updateNamespace({
        namespace,
        config: { workflowExecutionRetentionTtl: msToTs(hours * 3_600_000) },
      })
    const result = await causes(checkTemporalNamespace, {
      cause: () => keepFor(2),
      fix: () => keepFor(24),
    })
    expect(places(result)).toEqual(['error namespace default'])
    expect(whatIn(result)).toContain('for 2 hours')
    const rare = await look(checkTemporalNamespace, { SWEEP_INTERVAL_MINUTES: '1440' })
    expect(places(rare)).toEqual(['error namespace default'])
  })

  test('a namespace that does not exist', async () => {
    await withVariables({ TEMPORAL_NAMESPACE: 'another' }, async () => {
      expect(places(await look(checkTemporalNamespace))).toEqual(['error namespace another'])
    })
  })

  test.each([
    [
      'is paused (by a test)',
      { cause: () => schedule().pause('by a test'), fix: () => schedule().unpause() },
    ],
    ['does not exist', { cause: () => schedule().delete(), fix: () => setUp(config()) }],
    [
      'runs every 60 minutes',
      { cause: () => setUp(config({ SWEEP_INTERVAL_MINUTES: '60' })), fix: () => setUp(config()) },
    ],
    [
      'task queue others',
      { cause: () => setUp(config({ TEMPORAL_TASK_QUEUE: 'others' })), fix: () => setUp(config()) },
    ],
  ])('a sweep that %s', async (what, change) => {
    const result = await causes(checkSweepSchedule, change)
    expect(places(result)).toHaveLength(1)
    expect(whatIn(result)).toContain(what)
  })

  test('batches that these keys do not decrypt, or that are not encrypted', async () => {
    const start = async () => {
      const own = await connectClient()
      const options = { workflowId: `batch-${randomUUID()}`, taskQueue: 'no-worker', args: ['x'] }
      const { workflowId } = await own.workflow.start(WORKFLOW.processBatch, options)
      const query = `WorkflowId = '${workflowId}'`
      await waitFor(
        async () => (await own.workflow.count(query)).count === 1,
        'the batch to be listed',
      )
      await own.connection.close()
    }
    const key = newPayloadKey()
    await start()
    expect(places(await look(checkPayloadKeys))).toEqual([])
    expect(whatIn(await look(checkPayloadKeys, { PAYLOAD_KEYS: key }))).toContain('not encrypted')
    process.env['PAYLOAD_KEYS'] = key
    await start()
    expect(places(await look(checkPayloadKeys))).toEqual([])
    delete process.env['PAYLOAD_KEYS']
    const result = await look(checkPayloadKeys)
    expect(places(result)).toEqual(['error PAYLOAD_KEYS'])
    expect(JSON.stringify(result)).not.toContain(key.split(':')[1])
  })
})

describe('Segment', () => {
  test.each([
    ['error SEGMENT_WRITE_KEY', 'No source', { SEGMENT_WRITE_KEY: 'of another workspace' }],
    ['error SEGMENT_WRITE_KEY', 'disabled', { SEGMENT_WRITE_KEY: 'disabled' }],
    ['warning SEGMENT_WRITE_KEY', 'not set', { SEGMENT_WRITE_KEY: '' }],
  ])('%s: %s', async (place, what, own) => {
    const result = await look(checkSegment, own)
    expect(places(result)).toEqual([place])
    expect(whatIn(result)).toContain(what)
    expect(JSON.stringify(result)).not.toContain('of another workspace')
  })

  test.each([
    ['refuses the write key', says(401, { success: false })],
    ['does not answer as it should: 503', says(503, 'down')],
    ['does not answer as it should: 200', says(200, '<html>Please sign in</html>')],
  ])('a host that %s', async (what, answer) => {
    other.answer(answer)
    const result = await look(checkSegment, { SEGMENT_HOST: other.url })
    expect(places(result)).toEqual([`error Segment at ${other.url}`])
    expect(whatIn(result)).toContain(what)
  })

  test('a Public API that refuses the token, or does not answer', async () => {
    other.answer(says(403, { errors: [] }))
    const refused = await look(checkSegment, { SEGMENT_PUBLIC_API_HOST: other.url })
    expect(whatIn(refused)).toContain('refuses SEGMENT_PUBLIC_API_TOKEN')
    const down = await look(checkSegment, { SEGMENT_PUBLIC_API_HOST: `http://${NOWHERE}` })
    expect(places(down)).toEqual(['warning Segment Public API'])
  })

  test('it is asked without a call, so that nothing gets into Segment', async () => {
    const { accepted } = await callsAt(stack().segment.url)
    await look(checkSegment)
    expect(await callsAt(stack().segment.url)).toMatchObject({ accepted })
  })
})

test('services that do not answer are reported once each, and what needs them is skipped', async () => {
  const gone = {
    TEMPORAL_ADDRESS: NOWHERE,
    PUBSUB_EMULATOR_HOST: NOWHERE,
    BIGQUERY_EMULATOR_HOST: `http://${NOWHERE}/bigquery/v2`,
  }
  await withVariables(gone, async () => {
    const results = await examine(config(), environment())
    const down = results.filter(({ state }) => state !== 'ok')
    expect(down.map(({ check, state }) => [check, state])).toEqual([
      ['versions', 'skipped'],
      ['Pub/Sub settings', 'error'],
      ['BigQuery tables', 'error'],
      ['Temporal namespace', 'error'],
      ['search attributes', 'skipped'],
      ['sweep', 'skipped'],
      ['workers', 'skipped'],
      ['payload keys', 'skipped'],
    ])
    const fixes = results.flatMap(({ findings }) => findings.map(({ fix }) => fix)).join('\n')
    for (const name of Object.keys(gone)) expect(fixes).toContain(name)
    expect(resultText(results)).toContain('3 errors, 0 warnings, 5 of 15 checks skipped.')
  })
})

/** Sets variables that libraries read by themselves, and then puts them back. */
async function withVariables(own: Variables, use: () => Promise<void>): Promise<void> {
  const before = Object.keys(own).map((name) => [name, process.env[name]])
  Object.assign(process.env, own)
  try {
    await use()
  } finally {
    Object.assign(process.env, Object.fromEntries(before))
  }
}

describe('this machine', () => {
  test.each([
    [20_000, 'warning', '20 s ahead of the clock of Segment'],
    [-20_000, 'warning', '20 s behind the clock of Segment'],
    [300_000, 'error', '300 s ahead of the clock of Segment'],
  ])('a clock that is %s ms ahead', async (ms, severity, what) => {
    other.answer((response) => {
      response.writeHead(404, { date: new Date(Date.now() - ms).toUTCString() }).end()
    })
    const result = await look(checkClock, { SEGMENT_HOST: other.url })
    expect(places(result)).toEqual([`${severity} the clock of this machine`])
    const seconds = Number(/It is (\d+) s/.exec(whatIn(result))?.[1])
    expect(Math.abs(seconds - Math.abs(ms) / 1000)).toBeLessThanOrEqual(5)
    expect(whatIn(result)).toContain(what.split(' s ')[1])
  })

  test('a variable that a process would refuse', async () => {
    const result = await look(checkConfiguration, { HEALTH_PORT: 'x', LOG_LEVEL: 'loud' })
    expect(places(result).toSorted()).toEqual([
      'error the environment of the bridge',
      'error the environment of the bridge',
      'error the environment of the worker',
      'error the environment of the worker',
    ])
  })

  test('a partner registry that cannot be used', async () => {
    const file = join(stackDir, 'test', `${randomUUID()}.yaml`)
    await writeFile(file, 'partners: [dealer-7]')
    const result = await look(checkPartnerRegistry, { PARTNERS_FILE: file })
    expect(places(result)).toEqual([`error ${file}`])
    await rm(file)
  })

  test('secrets are never shown', async () => {
    const secret = 'a-secret-of-somebody'
    const results = await examine(
      config({ SEGMENT_PUBLIC_API_TOKEN: secret }),
      environment({
        SEGMENT_WRITE_KEY: secret,
        SEGMENT_PUBLIC_API_TOKEN: secret,
        SEGMENT_HOST: `http://user:${secret}@${NOWHERE}`,
        SEGMENT_PUBLIC_API_HOST: `http://user:${secret}@${NOWHERE}`,
        ALERT_WEBHOOK_URL: `ftp://hooks.example.com/${secret}`,
      }),
    )
    expect(results.some(({ state }) => state === 'error')).toBe(true)
    expect(`${JSON.stringify(results)}${resultText(results)}`).not.toContain(secret)
  })
})
