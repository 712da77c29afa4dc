// Random streams of events, cut into batches and delivered in any order: the views have what a plain model says of them.

import { beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import type { Message } from '#contracts'
import { setUpTables } from '#operations/setup/tables'
import { groupBy } from '#runtime/group-by'
import { createInsertAllWarehouse } from '#warehouse/insert-all'
import { createReader } from '#warehouse/read'
import { partnerVersions } from '#warehouse/sql/partner-versions'
import { createBatchReader } from '../../../activities/read-batch.ts'
import { createStageEvents } from '../../../activities/stage-events.ts'
import { createValidateEvents } from '../../../activities/validate-events.ts'
import { createWriteAuditLog } from '../../../activities/write-audit-log.ts'
import { message, purchase } from '../../fixtures/messages.ts'
import { attempt, batchOf, countDecisions, metrics } from '../../support/activities.ts'
import { modelOf, type Sent } from '../../support/identity-model.ts'
import { bigqueryAt, rowsOf } from '../../support/parts.ts'
import { useStackWithTables } from '../../support/stack.ts'

const stack = useStackWithTables('bigquery')
const bigquery = () => bigqueryAt(stack().bigquery.url)
const rows = (query: string, params: Record<string, unknown> = {}) =>
  rowsOf(bigquery(), query, params)

beforeAll(async () => {
  await setUpTables(bigquery(), 'EU')
})

/** Streams are told apart by their partners, so that the tables need not be emptied. */
let stream = 0
beforeEach(() => void stream++)
const partnerOf = (name: string) => `dealer-${stream}-${name}`

const toMessage = ({ messageId, publishTime, eventId, ...sent }: Sent, note = ''): Message =>
  message(
    {
      ...purchase,
      partner_id: sent.partner,
      order_id: sent.order,
      timestamp: sent.timestamp,
      amount: sent.amount,
      ...(eventId !== null && { event_id: eventId }),
      note,
    },
    { messageId, publishTime },
  )

let batches = 0

/** As `processBatch` does it, by the activities themselves. */
async function processBatch(messages: readonly Message[]): Promise<void> {
  if (messages.length === 0) return
  const batchId = `b${++batches}`
  const batch = batchOf(...messages)
  const reader = createBatchReader()
  const warehouse = createInsertAllWarehouse(bigquery())
  const { rejected, duplicates } = await attempt(createValidateEvents(reader, countDecisions), [
    batch,
  ])
  const skip = [...rejected.map(({ index }) => index), ...duplicates]
  await attempt(createWriteAuditLog(reader, warehouse, metrics), [batch, batchId, rejected])
  const stage = createStageEvents(reader, warehouse, metrics)
  const staged = await attempt(stage, [batch, batchId, skip])
  expect(staged.failed).toEqual([])
}

/** Of the partners whose names begin with `like`. */
async function outcome(like: string) {
  const view = await rows(
    `SELECT partner_id, order_id, event_id, message_id, CAST(amount AS STRING) AS amount, versions
     FROM streaming.purchase WHERE STARTS_WITH(partner_id, @like)`,
    { like },
  )
  const [sums] = await rows(
    `SELECT ${['messages', 'duplicates', 'corrections', 'received', 'accepted', 'staged', 'dead_lettered', 'unaccounted', 'lookalikes'].map((name) => `SUM(${name}) AS ${name}`).join(', ')}
     FROM streaming.reconciliation WHERE STARTS_WITH(partner_id, @like)`,
    { like },
  )
  return { view, sums: sums ?? {} }
}

async function expectModel(sent: readonly Sent[], like = `dealer-${stream}-`): Promise<void> {
  const model = modelOf(sent)
  const { view, sums } = await outcome(like)
  const shown = view.map((row) =>
    [row['partner_id'], row['order_id'], row['message_id'], row['amount'], row['versions']].join(
      ' ',
    ),
  )
  const wanted = model.rows.map((row) =>
    [row.partner, row.order, row.messageId, row.amount, row.versions].join(' '),
  )
  expect(shown.toSorted()).toEqual(wanted.toSorted())
  expect(sums).toEqual({
    messages: model.messages,
    duplicates: model.duplicates,
    corrections: model.corrections,
    received: model.staged,
    accepted: model.staged,
    staged: model.staged,
    dead_lettered: 0,
    unaccounted: 0,
    lookalikes: model.lookalikes,
  })
  expect(model.messages).toBe(model.staged + model.duplicates + model.corrections)
  await expectReport(sent)
}

async function expectReport(sent: readonly Sent[]): Promise<void> {
  for (const [partner, own] of groupBy(sent, (one) => one.partner)) {
    const { corrections, lookalikes } = modelOf(own)
    const [report] = await createReader(bigquery())(partnerVersions({ partner }))
    expect(report).toEqual({ corrections, lookalikes })
  }
}

const word = (...words: string[]) => fc.constantFrom(...words)

/** Few values, so that corrections, re-used ids and fleet orders are many. */
const event = fc.record({
  partner: word('a', 'b'),
  order: word('1', '2'),
  eventId: fc.option(word('1', '2', 'derived-1'), { freq: 1 }),
  timestamp: word('2026-11-19T19:32:00Z', '2026-11-19T19:32:01Z'),
  amount: fc.integer({ min: 1, max: 3 }),
})

const given = fc.record({
  events: fc.array(event, { minLength: 1, maxLength: 6, size: 'max' }),
  messages: fc.array(
    fc.record({
      event: fc.nat(),
      second: fc.nat(3),
      batch: fc.nat(2),
      /** The batch in which Pub/Sub delivers the message again, or none. */
      again: fc.option(fc.nat(3), { freq: 2 }),
      /** The place among all deliveries. */
      place: fc.nat(99),
    }),
    { minLength: 1, maxLength: 24, size: 'max' },
  ),
})

/** A message repeats an event that another message brought, or brings one of its own. */
function choose<T>(events: readonly T[], chosen: number): T {
  const found = events[chosen % events.length]
  if (found === undefined) throw new Error('there is at least one event')
  return found
}

describe('whatever partners send, in whatever batches and order', () => {
  test('the views and the reconciliation have exactly what the model says', async () => {
    await fc.assert(
      fc.asyncProperty(given, async ({ events, messages }) => {
        stream++
        const sent = messages.map(({ event: chosen, second, ...of }, at) => {
          const { partner, ...own } = choose(events, chosen)
          return {
            ...of,
            one: {
              ...own,
              partner: partnerOf(partner),
              messageId: `${stream}-${String(at).padStart(2, '0')}`,
              publishTime: `2026-11-20T10:00:0${second}.000000Z`,
            },
          }
        })
        const delivered = sent
          .flatMap(({ one, batch, again, place }) => [
            { one, batch, place },
            ...(again === null ? [] : [{ one, batch: again, place: 99 - place }]),
          ])
          .toSorted((a, b) => a.place - b.place)
        for (const [batch, some] of groupBy(delivered, (one) => one.batch))
          await processBatch(some.map(({ one }) => toMessage(one, `batch ${batch}`)))
        await expectModel(sent.map(({ one }) => one))
      }),
      { numRuns: RUNS },
    )
  }, 300_000)
})

/** The local BigQuery answers within seconds where the machine is busy. */
const RUNS = 20

const base = {
  eventId: null,
  order: '1',
  timestamp: '2026-11-19T19:32:00Z',
  publishTime: '2026-11-20T10:00:00.000000Z',
}
type Given = Partial<Sent> & Pick<Sent, 'amount'>

/** More of the kind, by name: which rows the view has, as amount and versions. */
const STREAMS: readonly [name: string, sent: readonly Given[], shown: readonly string[]][] = [
  ['a fleet order', [{ amount: 1 }, { amount: 2 }, { amount: 3 }], ['1 ×1', '2 ×1', '3 ×1']],
  ['an event that is sent three times', [{ amount: 1 }, { amount: 1 }, { amount: 1 }], ['1 ×1']],
  [
    'a correction',
    [
      { eventId: 'e', amount: 1 },
      { eventId: 'e', amount: 2 },
    ],
    ['2 ×2'],
  ],
  [
    'a correction that is published in the same instant, by message id',
    [
      { eventId: 'e', amount: 1, messageId: 'z' },
      { eventId: 'e', amount: 2, messageId: 'a' },
    ],
    ['1 ×2'],
  ],
  [
    'a correction that was published before, and arrives after',
    [
      { eventId: 'e', amount: 1, publishTime: '2026-11-20T10:00:02.000000Z' },
      { eventId: 'e', amount: 2, publishTime: '2026-11-20T10:00:01.000000Z' },
    ],
    ['1 ×2'],
  ],
  [
    'a correction that is taken back',
    [
      { eventId: 'e', amount: 1 },
      { eventId: 'e', amount: 2 },
      { eventId: 'e', amount: 1 },
    ],
    ['1 ×2'],
  ],
  [
    'an event id of each order',
    ['1', '2', '3'].map((order) => ({ eventId: '1', order, amount: 7 })),
    ['7 ×1', '7 ×1', '7 ×1'],
  ],
  [
    'an event id of two partners',
    ['a', 'b'].map((partner) => ({ eventId: '1', partner, amount: 7 })),
    ['7 ×1', '7 ×1'],
  ],
  [
    'the same order of two partners',
    ['a', 'b'].map((partner) => ({ partner, amount: 7 })),
    ['7 ×1', '7 ×1'],
  ],
  [
    'a correction of the time',
    [
      { eventId: 'e', amount: 1 },
      { eventId: 'e', amount: 1, timestamp: '2026-11-19T19:33:00Z' },
    ],
    ['1 ×2'],
  ],
  [
    'an event with an event id, and the same without',
    [{ eventId: 'e', amount: 1 }, { amount: 1 }],
    ['1 ×1', '1 ×1'],
  ],
  [
    'fleet cars of which one is sent again on another day',
    [{ amount: 1 }, { amount: 2 }, { amount: 2, publishTime: '2026-11-21T00:00:00.000000Z' }],
    ['1 ×1', '2 ×1'],
  ],
]

describe.each(['one batch', 'a batch each', 'a batch each, in reverse'])('in %s', (cut) => {
  test.each(STREAMS)('%s', async (_name, some, shown) => {
    const sent = some.map((one, at) => ({
      ...base,
      ...one,
      messageId: `${stream}-${one.messageId ?? at}`,
      partner: partnerOf(one.partner ?? 'a'),
    }))
    const messages = sent.map((one) => toMessage(one))
    const parts = cut === 'one batch' ? [messages] : messages.map((one) => [one])
    for (const part of cut.endsWith('reverse') ? parts.toReversed() : parts)
      await processBatch(part)
    await expectModel(sent)
    const { view } = await outcome(`dealer-${stream}-`)
    expect(view.map((row) => [row['amount'], row['versions']].join(' ×')).toSorted()).toEqual(shown)
  })
})
