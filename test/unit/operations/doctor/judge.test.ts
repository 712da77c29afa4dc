// What the doctor judges and no local server can be brought to: versions, and settings that only Google's services have.

import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from '@jest/globals'
import { TABLES } from '#contracts'
import { judgeRegion } from '#operations/doctor/checks/segment'
import { judgeVersions } from '#operations/doctor/checks/versions'
import { judgeSubscription } from '#operations/doctor/judge-subscription'
import { judgeDataset, judgeTable } from '#operations/doctor/judge-table'
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

test.each([
  ['detached', { detached: true }],
  ['RESOURCE_ERROR', { state: 'RESOURCE_ERROR' as const }],
  ['elsewhere', { bigqueryConfig: { table: 'p.d.t' } }],
  ['elsewhere', { cloudStorageConfig: { bucket: 'b' } }],
  ['changes messages', { messageTransforms: [{}] }],
])('a subscription is judged: %s', (what, settings) => {
  expect(judgeSubscription('s', TOPIC, SUBSCRIPTION)).toEqual([])
  const findings = judgeSubscription('s', TOPIC, { ...SUBSCRIPTION, ...settings })
  expect(findings.map((one) => one.what).join()).toContain(what)
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
  expect(judgeTopic(setup, { messageTransforms: [{}] })).toHaveLength(1)
})

test.each([
  ['deletes it at 2027', () => ({ expirationTime: String(Date.parse('2027-01-01T00:00:00Z')) })],
  [
    'deletes its rows after 30 days',
    (by: object) => ({ timePartitioning: { ...by, expirationMs: String(30 * 86_400_000) } }),
  ],
  ['requires a filter', () => ({ requirePartitionFilter: true })],
])('a table that %s', (what, settings) => {
  const [table] = TABLES
  if (!table) throw new Error('there is no table')
  const metadata = toMetadata(table)
  expect(judgeTable(table, metadata)).toEqual([])
  const findings = judgeTable(table, { ...metadata, ...settings(metadata.timePartitioning) })
  expect(findings.map((one) => one.what).join()).toContain(what)
})

test('a dataset whose defaults delete tables or rows', () => {
  expect(judgeDataset({ location: 'eu' }, 'EU')).toEqual([])
  expect(judgeDataset({ location: 'EU', defaultTableExpirationMs: '3600000' }, 'EU')).toHaveLength(
    1,
  )
  expect(judgeDataset({ defaultPartitionExpirationMs: '3600000' }, 'EU')).toHaveLength(1)
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
