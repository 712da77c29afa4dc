// The reconciliation of versions: rows of earlier versions, corrections that are lost, fail or are edited, and setup.

import { beforeAll, expect, test } from '@jest/globals'
import { TABLES } from '#contracts'
import { setUpTables, toMetadata } from '#operations/setup/tables'
import { bigqueryAt, rowsOf } from '../../support/parts.ts'
import { useStack } from '../../support/stack.ts'

const stack = useStack('bigquery')
const bigquery = () => bigqueryAt(stack().bigquery.url)

type Given = Readonly<Record<string, unknown>>

/** The tables as an earlier version made them, without the new column and with a row in each. */
async function setUpOldTables() {
  const dataset = bigquery().dataset('streaming')
  await dataset.create()
  for (const table of TABLES) {
    const columns = table.columns.filter(({ name }) => name !== 'content_hash')
    await dataset.createTable(table.name, toMetadata({ ...table, columns }))
  }
  await audit('before', { message_id: 'b1', event_id: 'e' })
  await stage('before', { message_id: 'b1', event_id: 'e', amount: 1 })
}

let changes: Awaited<ReturnType<typeof setUpTables>> = []
beforeAll(async () => {
  await setUpOldTables()
  changes = await setUpTables(bigquery(), 'EU')
})

test('setup adds the column to the tables of an earlier version', () => {
  expect(changes.filter(({ did }) => did === 'updated').map(({ name }) => name)).toEqual([
    'streaming.audit_log',
    'streaming.staging_purchase',
    'streaming.staging_cancellation',
    'streaming.activation_log',
  ])
})

const identity = (partner_id: string) => ({
  partner_id,
  type: 'purchase',
  order_id: '1',
  batch_id: 'b',
  publish_time: '2026-11-20T10:00:00Z',
})

const insert = (table: string, row: Given) =>
  bigquery().dataset('streaming').table(table).insert([row])

const audit = (partner: string, row: Given) =>
  insert('audit_log', {
    ...identity(partner),
    data: '',
    attributes: '{}',
    part: 0,
    parts: 1,
    decision: 'accepted',
    ...row,
  })

const stage = (partner: string, row: Given) =>
  insert('staging_purchase', {
    ...identity(partner),
    customer_id: 'C',
    car_model: 'SUV',
    amount: 1,
    timestamp: '2026-11-19T00:00:00Z',
    ...row,
  })

const fail = (partner: string, row: Given) =>
  insert('dead_letter', {
    ...identity(partner),
    dead_letter_id: 'd',
    stage: 'staging',
    reasons: ['r'],
    faults: '[]',
    attributes: '{}',
    ...row,
  })

const COLUMNS = [
  'messages',
  'duplicates',
  'corrections',
  'accepted',
  'rejected',
  'staged',
  'dead_lettered',
  'redriven',
  'unaccounted',
  'lookalikes',
]

/** The columns that are not zero. */
async function sumsOf(partner: string): Promise<Record<string, unknown>> {
  const [row = {}] = await rowsOf(
    bigquery(),
    `SELECT ${COLUMNS.join(', ')} FROM streaming.reconciliation WHERE partner_id = @partner`,
    { partner },
  )
  return Object.fromEntries(Object.entries(row).filter(([, value]) => value !== 0))
}

const shown = (partner: string) =>
  rowsOf(
    bigquery(),
    'SELECT message_id, versions FROM streaming.purchase WHERE partner_id = @partner ORDER BY message_id',
    { partner },
  )

test('rows of an earlier version count as one version of their event, and are read as before', async () => {
  expect(await shown('before')).toEqual([{ message_id: 'b1', versions: 1 }])
  expect(await sumsOf('before')).toEqual({ messages: 1, accepted: 1, staged: 1 })
  await audit('before', { message_id: 'b2', event_id: 'e' })
  await stage('before', { message_id: 'b2', event_id: 'e' })
  expect(await shown('before')).toEqual([{ message_id: 'b2', versions: 1 }])
  const later = { message_id: 'b3', event_id: 'e', content_hash: 'h' }
  await audit('before', later)
  await stage('before', later)
  expect(await shown('before')).toEqual([{ message_id: 'b3', versions: 2 }])
  expect(await sumsOf('before')).toEqual({
    messages: 3,
    duplicates: 1,
    corrections: 1,
    accepted: 1,
    staged: 1,
  })
})

test('an order that an earlier version called a duplicate of another order is unaccounted', async () => {
  await audit('lost', { message_id: 'l1', event_id: '1' })
  await audit('lost', { message_id: 'l2', event_id: '1', order_id: '2' })
  await stage('lost', { message_id: 'l1', event_id: '1' })
  expect(await sumsOf('lost')).toEqual({ messages: 2, accepted: 2, staged: 1, unaccounted: 1 })
})

test('one delivery by a worker of each version is one message', async () => {
  await audit('twice', { message_id: 't1', event_id: 'derived-old' })
  await audit('twice', { message_id: 't1', event_id: 'derived-h', content_hash: 'h' })
  await stage('twice', { message_id: 't1', event_id: 'derived-h', content_hash: 'h' })
  expect(await sumsOf('twice')).toEqual({ messages: 1, accepted: 1, staged: 1 })
})

test('a correction that is nowhere is unaccounted, then in a dead letter, then a correction', async () => {
  const first = { message_id: 'c1', event_id: 'e', content_hash: 'h1' }
  const second = { message_id: 'c2', event_id: 'e', content_hash: 'h2' }
  await audit('late', first)
  await stage('late', first)
  await audit('late', second)
  const open = { messages: 2, accepted: 2, staged: 1 }
  expect(await sumsOf('late')).toEqual({ ...open, unaccounted: 1 })
  const { content_hash: _, ...failed } = second
  await fail('late', failed)
  expect(await sumsOf('late')).toEqual({ ...open, dead_lettered: 1 })
  await stage('late', second)
  expect(await sumsOf('late')).toEqual({
    messages: 2,
    accepted: 1,
    corrections: 1,
    staged: 1,
    redriven: 1,
  })
})

test('an event whose contents an edited redrive changed is staged', async () => {
  await audit('edited', { message_id: 'x1', event_id: 'e', content_hash: 'h1' })
  await fail('edited', { message_id: 'x1', event_id: 'e' })
  await stage('edited', { message_id: 'x1', event_id: 'e', content_hash: 'h2' })
  expect(await sumsOf('edited')).toEqual({ messages: 1, accepted: 1, staged: 1, redriven: 1 })
})

test('a rejected car of a fleet order that a redrive staged is a lookalike of the others', async () => {
  const car = (hash: string) => ({ event_id: `derived-${hash}`, content_hash: hash })
  await audit('fleet', { message_id: 'f1', ...car('h1') })
  await stage('fleet', { message_id: 'f1', ...car('h1') })
  await audit('fleet', { message_id: 'f2', decision: 'rejected', reasons: ['r'] })
  await fail('fleet', { message_id: 'f2', stage: 'validation' })
  expect(await sumsOf('fleet')).toMatchObject({ messages: 2, dead_lettered: 1 })
  await stage('fleet', { message_id: 'f2', ...car('h2') })
  expect(await sumsOf('fleet')).toEqual({
    messages: 2,
    accepted: 1,
    rejected: 1,
    staged: 2,
    redriven: 1,
    lookalikes: 2,
  })
})

test('events whose partner chose ids that begin like derived ones are no lookalikes', async () => {
  for (const id of ['1', '2']) {
    const row = { message_id: `n${id}`, event_id: `derived-${id}`, content_hash: `h${id}` }
    await audit('named', row)
    await stage('named', row)
  }
  expect(await sumsOf('named')).toEqual({ messages: 2, accepted: 2, staged: 2 })
})
