// Redriving the largest events there can be, with encryption on: they travel, or one clear line says why not, and nothing is dropped.

import { randomBytes, randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import type { Client } from '@temporalio/client'
import { MAX_MESSAGE_BYTES, type Message, TASK_QUEUE, WORKFLOW } from '#contracts'
import { encodeBatch } from '#contracts/batch-payload'
import { countsOf } from '#operations/dead-letters/counts'
import { message, purchase } from '../../fixtures/messages.ts'
import { editedFrom, operationsOn } from '../../support/operations.ts'
import { bigqueryAt, rowsOf } from '../../support/parts.ts'
import { useStackWithTables } from '../../support/stack.ts'
import { waitFor } from '../../support/wait-for.ts'
import { worded } from '../../support/worded.ts'
import { startWorkerWithTables, type TestWorker } from '../../support/worker.ts'

const stack = useStackWithTables('temporal', 'bigquery', 'segment', 'codec')
let client: Client
let worker: TestWorker

beforeAll(async () => {
  ;({ client, worker } = await startWorkerWithTables(stack(), TASK_QUEUE))
}, 120_000)
afterAll(async () => {
  await worker.stop()
  await client.connection.close()
})

const { exported, preview, redrive, show } = operationsOn(() => ({ ...stack(), client }))
const rows = (query: string, params = {}) => rowsOf(bigqueryAt(stack().bigquery.url), query, params)

const done = (events: number) => ({
  dead_letters: 1,
  closed: 1,
  events,
  events_failed_again: 0,
})

/** Text that compresses as little as text can. */
const noise = (length: number) => randomBytes(length).toString('base64').slice(0, length)

const bad = (partner_id: string, order_id: string, note = '') =>
  message({ ...purchase, order_id, amount: 'x', note }, { attributes: { partner_id } })

/** @returns the first dead letter of the partner, once all of its events are recorded */
async function fail(partner: string, ...messages: readonly Message[]): Promise<string> {
  await client.workflow.execute(WORKFLOW.processBatch, {
    workflowId: `batch-${randomUUID()}`,
    taskQueue: TASK_QUEUE,
    args: [encodeBatch(messages)],
  })
  const recorded = async () => {
    const [row] = await rows(
      'SELECT MIN(dead_letter_id) AS id, COUNT(*) AS events FROM streaming.open_dead_letter WHERE partner_id = @partner',
      { partner },
    )
    return Number(row?.['events']) >= messages.length && String(row?.['id'])
  }
  return waitFor(recorded, `the dead letter of ${partner}`)
}

const stagedOf = (id: string) =>
  rows(
    `SELECT order_id, LENGTH(JSON_VALUE(additional_properties, '$.note')) AS note
     FROM streaming.staging_purchase WHERE batch_id = @id ORDER BY order_id`,
    { id },
  )
const openOf = (id: string) =>
  rows(
    'SELECT order_id FROM streaming.open_dead_letter WHERE dead_letter_id = @id ORDER BY order_id',
    { id },
  )
const statusOf = async (id: string) => (await client.workflow.getHandle(id).describe()).status.name

/** Exports the dead letter, and corrects the events `edit` gives something for. */
async function edited(id: string, edit: (order: string) => object | null) {
  const lines = await exported(id)
  const changed = lines.flatMap((line) => {
    const { event, ...about } = JSON.parse(line)
    const more = edit(event.order_id)
    return more ? [JSON.stringify({ ...about, event: { ...event, ...more } })] : []
  })
  return editedFrom(changed)
}

const FIX = '[{"op":"replace","path":"/amount","value":1.5}]'

test.each([
  ['fills its dead letter', 995_000],
  ['is too large for its dead letter', MAX_MESSAGE_BYTES - 500],
])(
  'an event that %s is corrected by a patch, and staged',
  async (_what, bytes) => {
    const partner = `large-${bytes}`
    const id = await fail(
      partner,
      bad(partner, 'l1', noise(bytes)),
      bad(partner, 'l2', noise(4_000)),
    )
    const report = await redrive({ query: `partner=${partner}`, patch: FIX })
    expect(countsOf(report)).toMatchObject({ events: 2, failed_again: 0, events_failed_again: 0 })
    expect(await openOf(id)).toEqual([])
    const staged = await rows(
      `SELECT order_id, LENGTH(JSON_VALUE(additional_properties, '$.note')) AS note
     FROM streaming.staging_purchase WHERE partner_id = @partner ORDER BY order_id`,
      { partner },
    )
    expect(staged).toEqual([
      { order_id: 'l1', note: bytes },
      { order_id: 'l2', note: 4_000 },
    ])
  },
  60_000,
)

test('bytes that are no text fill a dead letter, and are sent again whole', async () => {
  const attributes = { partner_id: 'bytes' }
  const id = await fail('bytes', message(randomBytes(749_000), { attributes }))
  const { outcomes } = await redrive({ ids: [id] })
  expect(outcomes).toMatchObject([
    { outcome: 'failed', summary: expect.stringContaining('rejected for not_utf8 (1)') },
  ])
  expect(await statusOf(id)).toBe('FAILED')
}, 60_000)

test('an event may be edited to be as large as one may be', async () => {
  const id = await fail('grown', bad('grown', 'g1'))
  const grown = await edited(id, () => ({ amount: 1.5, note: noise(1_000_000) }))
  expect(countsOf(await redrive({ edited: grown }))).toMatchObject(done(1))
  expect(await stagedOf(id)).toEqual([{ order_id: 'g1', note: 1_000_000 }])
  expect((await show(id)).isOpen).toBe(false)
}, 60_000)

test('what was edited to be too large to travel together is told, changes nothing, and goes in parts', async () => {
  const id = await fail('parted', bad('parted', 'p1'), bad('parted', 'p2'), bad('parted', 'p3'))
  const large = { amount: 1.5, note: noise(700_000) }
  const all = await edited(id, () => large)
  for (const operation of [redrive, preview]) {
    const refused = operation({ edited: all })
    await expect(refused).rejects.toMatchObject({
      code: 'redrive_too_large',
      details: { letter: id, isChanged: true },
    })
    await expect(worded<unknown>(() => refused)).rejects.toThrow(
      /^[0-9a-f]{8} \(dead-letter\/.*\): its events and what was changed about them have \d,\d{3},\d{3} bytes, and a redrive carries 2,\d{3},\d{3}\. Correct fewer of them at once .* Nothing was redriven\.$/,
    )
  }
  expect(await statusOf(id)).toBe('FAILED')
  expect(await stagedOf(id)).toEqual([])

  const only = (wanted: string) => edited(id, (order) => (order === wanted ? large : null))
  const first = await redrive({ edited: await only('p1'), maxFailures: 1 })
  expect(countsOf(first)).toMatchObject({ closed: 0, events: 3, events_failed_again: 2 })
  expect(await openOf(id)).toEqual([{ order_id: 'p2' }, { order_id: 'p3' }])
  for (const order of ['p2', 'p3']) {
    await redrive({ edited: await only(order), maxFailures: 1 })
  }
  expect(await openOf(id)).toEqual([])
  expect(await stagedOf(id)).toEqual(
    ['p1', 'p2', 'p3'].map((order_id) => ({ order_id, note: 700_000 })),
  )
}, 120_000)

test('what was edited to be large and is still wrong can be sent again, all together', async () => {
  const orders = ['w1', 'w2', 'w3', 'w4']
  const id = await fail('wrong', ...orders.map((order) => bad('wrong', order)))
  for (const order of orders) {
    const larger = await edited(id, (one) => (one === order ? { note: noise(490_000) } : null))
    const report = await redrive({ edited: larger, maxFailures: 1 })
    expect(countsOf(report)).toMatchObject({ events: 4, events_failed_again: 4 })
  }
  expect(countsOf(await redrive({ ids: [id], patch: FIX }))).toMatchObject(done(4))
  expect(await stagedOf(id)).toEqual(orders.map((order_id) => ({ order_id, note: 490_000 })))
}, 120_000)
