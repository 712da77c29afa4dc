// By what an erasure looks for a person: the values of staged rows, and where their rows were found.

import { expect, test } from '@jest/globals'
import { findPerson } from '#warehouse/erasure/find-person'

const PERSON = { partnerId: 'dealer-7', customerId: 'C101' }

const staged = (message_id: string, more: object = {}) => ({
  key: `${message_id}@1`,
  message_id,
  publish_time: '2026-11-20T10:00:00.000000Z',
  order_id: 'A001',
  email: null,
  phone: null,
  vehicle_vin: null,
  ...more,
})

type Asked = { readonly sql: string; readonly params: Readonly<Record<string, unknown>> }

async function find(rows: {
  readonly purchases?: readonly object[]
  readonly cancellations?: readonly object[]
  readonly candidates?: readonly object[]
  readonly places?: readonly object[]
}) {
  const { purchases = [], cancellations = [], candidates = [], places = [] } = rows
  const asked: Asked[] = []
  const read = Object(async (statement: Asked) => {
    asked.push(statement)
    const { sql, params } = statement
    if (sql.includes('vehicle_vin')) return sql.includes('purchase') ? purchases : cancellations
    if (sql.includes('dead_letter_log')) return []
    if (sql.includes('COUNT(*)')) return sql.includes('audit_log') ? places : []
    return sql.includes('audit_log') && params['partner'] !== 'unknown' ? candidates : []
  })
  return { traces: await findPerson(read, PERSON), asked }
}

const hex = (word: string) => Buffer.from(word).toString('hex')

test('every value by which a staged row tells a person is looked for in the bytes of all messages', async () => {
  const { traces, asked } = await find({
    purchases: [staged('m1', { email: 'a@example.com', phone: '+49 151', vehicle_vin: 'WVWZZZ1' })],
    cancellations: [staged('m2', { order_id: 'A002', vehicle_vin: 'WVWZZZ2' })],
  })
  const identifiers = ['a@example.com', '+49 151', 'WVWZZZ1', 'WVWZZZ2']
  expect(traces.identifiers.toSorted()).toEqual(identifiers.toSorted())
  expect(traces.orders).toEqual(['A001', 'A002'])
  for (const table of ['audit_log', 'dead_letter']) {
    const search = asked.find(
      ({ sql, params }) => sql.includes(`${table}\n`) && 'word0' in params && params['partner'],
    )
    const words = Object.values(search?.params ?? {})
    for (const word of [PERSON.customerId, ...identifiers]) expect(words).toContain(hex(word))
    expect(search?.params).toMatchObject({
      partner: 'dealer-7',
      orders: ['A001', 'A002'],
      messages: ['m1', 'm2'],
    })
  }
})

test('the span is that of all messages, staged or not, and each message is one', async () => {
  const data = Buffer.from(JSON.stringify({ customer_id: 'C101' }))
  const candidate = (message_id: string, publish_time: string, more: object = {}) => ({
    ...staged(message_id, { publish_time, data, attributes: {} }),
    ...more,
  })
  const { traces } = await find({
    purchases: [staged('m1')],
    candidates: [
      candidate('m1', '2026-11-20T10:00:00.000000Z'),
      candidate('m0', '2026-11-19T10:00:00.000000Z'),
      candidate('m9', '2026-11-21T10:00:00.000000Z'),
      candidate('m8', '2026-11-22T10:00:00.000000Z', {
        data: Buffer.from('{"customer_id":"C102"}'),
      }),
    ],
    places: [
      { batch_id: 'batch-1', dead_letter_id: null, events: 2 },
      { batch_id: 'dead-letter/batch-2/x/staging', dead_letter_id: null, events: 1 },
    ],
  })
  expect(traces).toMatchObject({
    keys: ['m1@1', 'm0@1', 'm9@1'],
    messageIds: ['m1', 'm0', 'm9'],
    from: '2026-11-19T10:00:00.000000Z',
    to: '2026-11-21T10:00:00.000000Z',
    rows: { audit_log: 3 },
    batches: ['batch-1'],
    letters: ['dead-letter/batch-2/x/staging'],
  })
})
