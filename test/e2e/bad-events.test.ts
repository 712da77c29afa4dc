// Floods of bad events, and bad events that are very large: few dead letters, and every event in them.

import { beforeAll, describe, expect, test } from '@jest/globals'
import { MAX_DEAD_LETTER_BYTES, WORKFLOW } from '#contracts'
import type { Publishable } from '#runtime/pubsub'
import { rowsOf } from '../support/parts.ts'
import { usePipeline } from '../support/pipeline.ts'

const pipeline = usePipeline()
const RUN_LIMIT_MS = 240_000

const rows = (query: string) => rowsOf(pipeline().bigquery, query)
const number = async (query: string) => Number((await rows(query))[0]?.['n'])

const from = (partner: string, data: object | Uint8Array): Publishable => ({
  data: data instanceof Uint8Array ? data : Buffer.from(JSON.stringify(data)),
  attributes: { partner_id: partner },
})

const purchase = (partner: string, order: number) => ({
  type: 'purchase',
  order_id: `${partner}-${order}`,
  customer_id: 'C1',
  car_model: 'SUV',
  amount: 45_000,
  timestamp: new Date().toISOString(),
})

/** Long bytes compare in no time as text. */
const base64 = (data: unknown) =>
  data instanceof Uint8Array ? Buffer.from(data).toString('base64') : 'no data'

type Letter = {
  readonly id: string
  readonly batchId: string
  readonly status: string
  readonly events: number
}

async function lettersOf(partner: string): Promise<Letter[]> {
  const query = `WorkflowType = '${WORKFLOW.deadLetter}' AND PartnerId = '${partner}'`
  const letters: Letter[] = []
  for await (const run of pipeline().temporal.workflow.list({ query })) {
    const { BatchId, EventCount } = run.searchAttributes
    letters.push({
      id: run.workflowId,
      batchId: String(BatchId?.[0]),
      status: run.status.name,
      events: Number(EventCount?.[0]),
    })
  }
  return letters
}

const eventsIn = (letters: readonly Letter[]) =>
  letters.reduce((sum, { events }) => sum + events, 0)

describe('nothing but bad events from one partner, at full rate', () => {
  const BAD = 4_000
  const OTHERS = ['dealer-1', 'dealer-2', 'dealer-3']
  const GOOD_EACH = 100
  let flood: readonly Letter[] = []

  beforeAll(async () => {
    const bad = Array.from({ length: BAD }, (_, i) =>
      from('dealer-7', { ...purchase('dealer-7', i), amount: 'abc' }),
    )
    const good = OTHERS.flatMap((partner) =>
      Array.from({ length: GOOD_EACH }, (_, i) => from(partner, purchase(partner, i))),
    )
    // The others' events arrive in the middle of it.
    await pipeline().send([...bad.slice(0, BAD / 2), ...good, ...bad.slice(BAD / 2)])
    flood = await lettersOf('dealer-7')
  }, RUN_LIMIT_MS)

  test('opens at most one dead letter a batch, but where one does not fit', async () => {
    const batches = await pipeline().temporal.workflow.count(
      `WorkflowType = '${WORKFLOW.processBatch}'`,
    )
    const first = flood.filter(({ id }) => id.endsWith('/validation'))
    expect(new Set(first.map(({ batchId }) => batchId)).size).toBe(first.length)
    expect(first.length).toBeGreaterThan(0)
    expect(first.length).toBeLessThanOrEqual(batches.count)
    // A batch is at most twice as large in readable JSON as a dead letter may be.
    expect(flood.length).toBeLessThanOrEqual(2 * batches.count)
    expect(flood.every(({ status }) => status === 'FAILED')).toBe(true)
  })

  test('leaves every event in Temporal and in the tables', async () => {
    expect(eventsIn(flood)).toBe(BAD)
    const ofPartner = `WHERE partner_id = 'dealer-7'`
    expect(
      await number(
        `SELECT COUNT(DISTINCT message_id) AS n FROM streaming.dead_letter ${ofPartner}`,
      ),
    ).toBe(BAD)
    expect(
      await number(
        `SELECT COUNT(DISTINCT message_id) AS n FROM streaming.audit_log ${ofPartner} AND decision = 'rejected'`,
      ),
    ).toBe(BAD)
  })

  test("stages the others' events, and puts none of them in a dead letter", async () => {
    const staged = await rows(
      'SELECT partner_id, COUNT(*) AS n FROM streaming.purchase GROUP BY partner_id ORDER BY partner_id',
    )
    expect(staged).toEqual(OTHERS.map((partner_id) => ({ partner_id, n: GOOD_EACH })))
    for (const partner of OTHERS) expect(await lettersOf(partner)).toEqual([])
  })
})

describe('bad events of one batch that do not fit in one dead letter', () => {
  /** Each quote is two bytes in a message and four in a dead letter. */
  const large = Array.from({ length: 3 }, (_, i) =>
    from('dealer-8', { ...purchase('dealer-8', i), amount: 'abc', note: '"'.repeat(170_000) }),
  )
  /** Too large for a dead letter as text and as base64. */
  const unprintable = from('dealer-8', Buffer.alloc(900_000, '\u0001'))

  beforeAll(async () => {
    await pipeline().send(large)
    await pipeline().send([unprintable])
  }, RUN_LIMIT_MS)

  test('are split over several, each of which Temporal takes, and none is dropped', async () => {
    const letters = await lettersOf('dealer-8')
    expect(letters.some(({ id }) => id.endsWith('/validation/1'))).toBe(true)
    expect(letters.every(({ status }) => status === 'FAILED')).toBe(true)
    expect(eventsIn(letters)).toBe(4)
  })

  test('are in the table byte for byte, or for the largest in the audit log alone', async () => {
    const kept = await rows(`SELECT data FROM streaming.dead_letter WHERE partner_id = 'dealer-8'`)
    const expected = [...large.map(({ data }) => base64(data)), 'no data']
    const found = kept.map(({ data }) => base64(data))
    expect(found.toSorted()).toEqual(expected.toSorted())
    const audited = await rows(
      `SELECT data FROM streaming.audit_log WHERE partner_id = 'dealer-8' AND LENGTH(data) = 900000`,
    )
    expect(audited.map(({ data }) => base64(data))).toEqual([base64(unprintable.data)])
    expect(unprintable.data.length).toBeLessThan(MAX_DEAD_LETTER_BYTES)
  })
})
