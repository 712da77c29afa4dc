// What the doctor judges and no local server can be brought to: versions, and settings that only Google's services have.

import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from '@jest/globals'
import type { Table } from '#contracts'
import { judgeRegion } from '#operations/doctor/checks/segment'
import { judgeSchedule } from '#operations/doctor/checks/sweep-schedule'
import { judgeRetention } from '#operations/doctor/checks/temporal-namespace'
import { judgeVersions } from '#operations/doctor/checks/versions'
import { judgeSubscription } from '#operations/doctor/judge-subscription'
import { judgeDataset, judgeTable, judgeView } from '#operations/doctor/judge-table'
import { judgeTopic } from '#operations/doctor/judge-topic'
import { runChecks } from '#operations/doctor/run-checks'
import { createSite } from '#operations/doctor/site'
import { toMetadata } from '#operations/setup/tables'
import { cliConfig, readConfig } from '#runtime/config'

const SDK = new Map([
  ['client', '1.24.0'],
  ['worker', '1.24.0'],
])
const GOOD = { node: '20.12.0', sdk: SDK, server: '1.32.0' }

test.each([
  [[], GOOD],
  [['error Node'], { ...GOOD, node: '20.11.1' }],
  [['error Node'], { ...GOOD, node: '18.20.0' }],
  [[], { ...GOOD, node: '24.0.0' }],
  [['error @temporalio/*'], { ...GOOD, sdk: new Map([...SDK, ['worker', '1.23.0']]) }],
  [['warning the Temporal server'], { ...GOOD, server: '1.28.9' }],
  [[], { ...GOOD, server: '1.29.0' }],
  [['warning the Temporal server'], { ...GOOD, server: '0.30.0' }],
  [[], { ...GOOD, server: '' }],
])('versions: %j', (places, versions) => {
  const found = judgeVersions(versions).map(({ severity, where }) => `${severity} ${where}`)
  expect(found).toEqual(places)
})

const TOPIC = 'projects/p/topics/t'
const SUBSCRIPTION = {
  topic: TOPIC,
  ackDeadlineSeconds: 45,
  messageRetentionDuration: { seconds: 604_800 },
  expirationPolicy: {},
}

const MAKE_AGAIN = 'Delete it once it is empty, and run `npm run setup`: this cannot be changed.'
const update = (flag: string) => `gcloud pubsub subscriptions update s ${flag}`

test.each([
  ['error', 'detached', MAKE_AGAIN, { detached: true }],
  ['error', 'RESOURCE_ERROR', MAKE_AGAIN, { state: 'RESOURCE_ERROR' as const }],
  ['error', 'RESOURCE_ERROR', MAKE_AGAIN, { state: 2 }],
  ['error', 'elsewhere', update('--push-endpoint=""'), { pushConfig: { pushEndpoint: 'p' } }],
  ['error', 'elsewhere', update('--push-endpoint=""'), { bigqueryConfig: { table: 'p.d.t' } }],
  ['error', 'elsewhere', update('--push-endpoint=""'), { cloudStorageConfig: { bucket: 'b' } }],
  ['error', 'Its filter (a)', MAKE_AGAIN, { filter: 'a' }],
  [
    'error',
    'after 31 days without a pull',
    update('--expiration-period=never'),
    { expirationPolicy: null },
  ],
  ['error', 'up to 45 s', update('--ack-deadline=45'), { ackDeadlineSeconds: 44 }],
  [
    'error',
    'a longer outage',
    update('--message-retention-duration=7d'),
    { messageRetentionDuration: { seconds: 86_399 } },
  ],
  [
    'warning',
    'a longer outage',
    update('--message-retention-duration=7d'),
    { messageRetentionDuration: { seconds: 604_799 } },
  ],
  [
    'warning',
    'after 5 deliveries',
    update('--max-delivery-attempts=100'),
    { deadLetterPolicy: { deadLetterTopic: 'd', maxDeliveryAttempts: 5 } },
  ],
  ['warning', 'Message ordering is on', MAKE_AGAIN, { enableMessageOrdering: true }],
  [
    'warning',
    'Exactly-once delivery is on',
    update('--no-enable-exactly-once-delivery'),
    { enableExactlyOnceDelivery: true },
  ],
  [
    'warning',
    'changes messages',
    update('--clear-message-transforms'),
    { messageTransforms: [{}] },
  ],
  ['error', 'the topic other', MAKE_AGAIN, { topic: 'other' }],
])('a subscription is judged: %s, %s, %s', (severity, what, fix, settings) => {
  expect(judgeSubscription('s', TOPIC, SUBSCRIPTION)).toEqual([])
  const findings = judgeSubscription('s', TOPIC, Object({ ...SUBSCRIPTION, ...settings }))
  expect(findings).toEqual([
    { severity, where: 'subscription s', what: expect.stringContaining(what), fix },
  ])
})

const DEAD_LETTERS = { deadLetterTopic: 'projects/p/topics/d' }
const days = (number: number) => ({ seconds: number * 86_400 })

test.each([
  [[], { ackDeadlineSeconds: 600 }],
  [['error: Its ack deadline is 44 s'], { ackDeadlineSeconds: 44 }],
  [[], { messageRetentionDuration: days(31) }],
  [['warning: It keeps messages for 6 days'], { messageRetentionDuration: days(6) }],
  [['warning: It keeps messages for 1 days'], { messageRetentionDuration: days(1) }],
  [['error: It keeps messages for 0.5 days'], { messageRetentionDuration: days(0.5) }],
  [['error: Pub/Sub deletes it'], { expirationPolicy: null }],
  [['error: Pub/Sub deletes it'], { expirationPolicy: { ttl: days(31) } }],
  [['error: Its filter'], { filter: 'attributes.a = "b"' }],
  [[], { deadLetterPolicy: { ...DEAD_LETTERS, maxDeliveryAttempts: 100 } }],
  [
    ['warning: Its dead-letter policy gives a message up after 99 deliveries'],
    { deadLetterPolicy: { ...DEAD_LETTERS, maxDeliveryAttempts: 99 } },
  ],
  [['warning: Message ordering is on'], { enableMessageOrdering: true }],
  [['warning: Exactly-once delivery is on'], { enableExactlyOnceDelivery: true }],
  [['error: It belongs to the topic projects/p/topics/u'], { topic: 'projects/p/topics/u' }],
])('a subscription is judged at its limits: %j', (expected, settings) => {
  const findings = judgeSubscription('s', TOPIC, { ...SUBSCRIPTION, ...settings })
  const found = findings.map(({ severity, what }) => `${severity}: ${what}`)
  expect(found).toEqual(expected.map((start) => expect.stringMatching(`^${start}`)))
})

test('a topic that changes messages', () => {
  const setup = { topic: 't', subscriptions: [] }
  expect(judgeTopic(setup, {})).toEqual([])
  expect(judgeTopic(setup, { messageTransforms: [{}] })).toMatchObject([
    {
      severity: 'warning',
      where: 'topic t',
      fix: 'gcloud pubsub topics update t --clear-message-transforms',
    },
  ])
})

test('a topic that keeps messages for too short', () => {
  const setup = { topic: 't', subscriptions: [], keepsDays: 31 }
  expect(judgeTopic(setup, { messageRetentionDuration: days(31) })).toEqual([])
  expect(judgeTopic(setup, { messageRetentionDuration: days(30) })).toMatchObject([
    {
      severity: 'warning',
      what: expect.stringContaining('for 30 days, and for a person to find them it should be 31.'),
      fix: 'gcloud pubsub topics update t --message-retention-duration=31d',
    },
  ])
  expect(judgeTopic(setup, {})).toHaveLength(1)
})

test.each([
  [24, 15, []],
  [23.9, 15, ['--retention 24h']],
  // Twelve sweeps must find a run: at 150 minutes that is 30 hours.
  [30, 150, []],
  [29.9, 150, ['--retention 30h']],
  [30, 151, ['--retention 31h']],
])(
  'closed runs are kept for %d hours, with a sweep every %d minutes: %j',
  (hours, every, fixes) => {
    const findings = judgeRetention('cars', hours, { SWEEP_INTERVAL_MINUTES: every })
    expect(findings.map(({ severity }) => severity)).toEqual(fixes.map(() => 'error'))
    expect(findings.map(({ fix }) => fix)).toEqual(fixes.map((fix) => expect.stringContaining(fix)))
  },
)

const NOW = Date.parse('2026-11-20T12:00:00Z')
const MINUTE_MS = 60_000
const CONFIG = { SWEEP_INTERVAL_MINUTES: 15, TEMPORAL_TASK_QUEUE: 'events' }

const scheduleWith = (minutesAgo: number, hasRun = true) =>
  Object({
    state: { paused: false },
    spec: { intervals: [{ every: 15 * MINUTE_MS }] },
    action: { taskQueue: 'events' },
    info: {
      createdAt: new Date(hasRun ? 0 : NOW - minutesAgo * MINUTE_MS),
      recentActions: hasRun
        ? [{ takenAt: new Date(0) }, { takenAt: new Date(NOW - minutesAgo * MINUTE_MS) }]
        : [],
    },
  })

test.each([
  [45, true, []],
  [46, true, ['error']],
  // One that has never run is as old as itself.
  [45, false, []],
  [46, false, ['error']],
])('the last sweep began %d minutes ago (%s): %j', (minutes, hasRun, severities) => {
  const findings = judgeSchedule(scheduleWith(minutes, hasRun), CONFIG, NOW)
  expect(findings.map(({ severity }) => severity)).toEqual(severities)
  for (const { what } of findings) expect(what).toContain(`for ${minutes} minutes`)
})

test.each([
  ['error', 'It is paused (by ann)', { state: { paused: true, note: 'by ann' } }],
  ['error', 'It is paused: batches', { state: { paused: true } }],
  [
    'warning',
    'It runs every 60 minutes, and the configuration says 15.',
    { spec: { intervals: [{ every: 60 * MINUTE_MS }] } },
  ],
  [
    'warning',
    'It uses the task queue others, and the configuration says events.',
    { action: { taskQueue: 'others' } },
  ],
])('a schedule is judged: %s, %s', (severity, what, own) => {
  expect(judgeSchedule({ ...scheduleWith(1), ...own }, CONFIG, NOW)).toMatchObject([
    { severity, where: 'schedule dead-letter-sweep', what: expect.stringContaining(what) },
  ])
})

const TABLE: Table = {
  name: 'audit_log',
  description: '',
  columns: [
    { name: 'id', type: 'STRING', mode: 'REQUIRED', description: '' },
    { name: 'note', type: 'STRING', mode: 'NULLABLE', description: '' },
    { name: 'tags', type: 'STRING', mode: 'REPEATED', description: '' },
  ],
  partitionBy: 'publish_time',
  clusterBy: ['id', 'note'],
}
const METADATA = toMetadata(TABLE)
const withField = (own: object) => ({
  schema: {
    fields: METADATA.schema.fields.map((field) =>
      'name' in own && own.name === field.name ? { ...field, ...own } : field,
    ),
  },
})
const withoutField = (gone: string) => ({
  schema: { fields: METADATA.schema.fields.filter(({ name }) => name !== gone) },
})
const SETUP = 'Run `npm run setup`.'
const COPY = 'BigQuery cannot change this: copy the rows into a table that `npm run setup` makes.'
const partitioned = (own: object) => ({
  timePartitioning: { ...METADATA.timePartitioning, ...own },
})
const RECLUSTER = 'bq update --clustering_fields=id,note streaming.audit_log'

test.each<[string, string, string, object]>([
  [
    'error',
    'deletes it at 2027-01-01T00:00:00.000Z',
    'bq update --expiration 0 streaming.audit_log',
    { expirationTime: String(Date.parse('2027-01-01T00:00:00Z')) },
  ],
  [
    'warning',
    'deletes its rows after 30 days',
    'bq update --time_partitioning_expiration 0 streaming.audit_log, or keep it where this is wanted.',
    partitioned({ expirationMs: String(30 * 86_400_000) }),
  ],
  [
    'error',
    'requires a filter',
    'bq update --norequire_partition_filter streaming.audit_log',
    { requirePartitionFilter: true },
  ],
  [
    'error',
    'requires a filter',
    'bq update --norequire_partition_filter streaming.audit_log',
    partitioned({ requirePartitionFilter: true }),
  ],
  ['error', 'by day of publish_time', COPY, partitioned({ type: 'HOUR' })],
  ['error', 'by day of publish_time', COPY, partitioned({ field: 'ingested_at' })],
  ['error', 'by day of publish_time', COPY, { timePartitioning: undefined }],
  ['warning', 'not clustered by id, note', RECLUSTER, { clustering: undefined }],
  ['warning', 'not clustered by id, note', RECLUSTER, { clustering: { fields: ['note', 'id'] } }],
  ['error', 'The column note is missing.', SETUP, withoutField('note')],
  [
    'error',
    'The column id is INTEGER and should be STRING.',
    COPY,
    withField({ name: 'id', type: 'INTEGER' }),
  ],
  [
    'error',
    'The column note is REQUIRED and should be NULLABLE.',
    'ALTER TABLE streaming.audit_log ALTER COLUMN note DROP NOT NULL',
    withField({ name: 'note', mode: 'REQUIRED' }),
  ],
  [
    'error',
    'The column tags is NULLABLE and should be REPEATED.',
    COPY,
    withField({ name: 'tags', mode: 'NULLABLE' }),
  ],
  [
    'error',
    'It requires the column more, which the pipeline does not write',
    'ALTER TABLE streaming.… ALTER COLUMN more DROP NOT NULL',
    {
      schema: {
        fields: [...METADATA.schema.fields, { name: 'more', type: 'STRING', mode: 'REQUIRED' }],
      },
    },
  ],
])('a table is judged: %s, %s, %s', (severity, what, fix, settings) => {
  expect(judgeTable(TABLE, METADATA)).toEqual([])
  expect(judgeTable(TABLE, { ...METADATA, ...settings })).toEqual([
    { severity, where: 'table streaming.audit_log', what: expect.stringContaining(what), fix },
  ])
})

test('a column that a set-up added is nullable, and one that others added is theirs', () => {
  const nullable = { ...METADATA, ...withField({ name: 'id', mode: 'NULLABLE' }) }
  expect(judgeTable(TABLE, nullable)).toEqual([])
  const fields = [...METADATA.schema.fields, { name: 'more', type: 'STRING' }]
  expect(judgeTable(TABLE, { ...METADATA, schema: { fields } })).toEqual([])
})

test('a view has the SQL of this version', () => {
  const view = { name: 'purchase', description: '', query: 'SELECT 1' }
  expect(judgeView(view, { view: { query: 'SELECT 1' } })).toEqual([])
  expect(judgeView(view, { view: { query: 'SELECT 2' } })).toMatchObject([
    { severity: 'error', where: 'view streaming.purchase', fix: SETUP },
  ])
  expect(judgeView(view, {})).toMatchObject([{ severity: 'error', what: 'It is no view.' }])
})

test('a dataset whose defaults delete tables or rows, or that is elsewhere', () => {
  expect(judgeDataset({ location: 'eu' }, 'EU')).toEqual([])
  expect(judgeDataset({}, 'EU')).toEqual([])
  const limited = [{ severity: 'error', where: 'dataset streaming' }]
  const byTable = { location: 'EU', defaultTableExpirationMs: '3600000' }
  expect(judgeDataset(byTable, 'EU')).toMatchObject(limited)
  expect(judgeDataset({ defaultPartitionExpirationMs: '3600000' }, 'EU')).toMatchObject(limited)
  expect(judgeDataset({ location: 'US' }, 'EU')).toMatchObject([
    {
      severity: 'warning',
      what: 'It is in US, and BIGQUERY_LOCATION says EU.',
      fix: 'Set BIGQUERY_LOCATION=US.',
    },
  ])
})

const EU = 'https://events.eu1.segmentapis.com'
const EU_API = 'https://eu1.api.segmentapis.com'
const US = 'https://api.segment.io'
const US_API = 'https://api.segmentapis.com'

test.each([
  [0, US, US_API, 'token'],
  [0, EU, EU_API, 'token'],
  [1, EU, US_API, 'token'],
  [1, US, EU_API, 'token'],
  [0, EU, US_API, undefined],
  [0, 'http://127.0.0.1:9080', EU_API, 'token'],
])('regions of Segment: %s findings for %s and %s', (count, host, api, token) => {
  const findings = judgeRegion({
    SEGMENT_HOST: host,
    SEGMENT_PUBLIC_API_HOST: api,
    SEGMENT_PUBLIC_API_TOKEN: token,
  })
  expect(findings).toHaveLength(count)
})

test('a check that does not end is ended by its limit, and the others are not', async () => {
  const site = createSite(readConfig(cliConfig, {}), {})
  const hangs = {
    name: 'hangs',
    run: () => sleep(5_000, { seen: '', findings: [] }, { ref: false }),
  }
  const ends = { name: 'ends', run: async () => ({ seen: 'all', findings: [] }) }
  const throws = { name: 'throws', run: () => Promise.reject(new Error('at https://u:pw@h/?k=v')) }
  const results = await runChecks([hangs, ends, throws], site, 20)
  expect(results.map(({ check, state }) => [check, state])).toEqual([
    ['hangs', 'error'],
    ['ends', 'ok'],
    ['throws', 'error'],
  ])
  expect(JSON.stringify(results)).not.toContain('pw')
})
