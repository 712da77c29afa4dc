// A message that validation could not finish with is read by no step that comes after it.

import { expect, test } from '@jest/globals'
import type { Segment } from '#activation/segment/segment'
import type { EventFailure, Message } from '#contracts'
import type { Row, Warehouse } from '#warehouse/warehouse'
import { buildDeadLetters } from '../../../activities/build-dead-letters.ts'
import { createBatchReader, readEach } from '../../../activities/read-batch.ts'
import { createStageEvents } from '../../../activities/stage-events.ts'
import { createWriteAuditLog } from '../../../activities/write-audit-log.ts'
import { message, purchase } from '../../fixtures/messages.ts'
import { createActivation } from '../../support/activate.ts'
import { attempt, batchOf, metrics } from '../../support/activities.ts'

const POISON = 1
const good = (order_id: string) => message({ ...purchase, order_id })
const batch = batchOf(good('A'), good('B'), good('C'))
const rejected: EventFailure[] = [{ index: POISON, partnerId: 'dealer-7', reasons: ['poison'] }]
/** What was read and what was written, by a reader that has read nothing before. */
function recording() {
  const read: number[] = []
  const rows: Row[] = []
  const reader = createBatchReader({ begin: (index) => void read.push(index), end: () => {} })
  const warehouse: Warehouse = {
    append: async (_table, more) => {
      rows.push(...more)
      return { written: more.length, failed: [] }
    },
  }
  const segment: Segment = { deliver: async () => null }
  return { read, rows, reader, warehouse, segment }
}

test.each<[string, (on: ReturnType<typeof recording>) => Promise<unknown>]>([
  [
    'staging',
    ({ reader, warehouse }) =>
      attempt(createStageEvents(reader, warehouse, metrics), [batch, 'b', [POISON]]),
  ],
  [
    'activation',
    ({ reader, segment }) => createActivation(segment, {}, reader).activate(batch, [POISON]),
  ],
  [
    'the audit log',
    ({ reader, warehouse }) =>
      attempt(createWriteAuditLog(reader, warehouse, metrics), [batch, 'b', rejected]),
  ],
])('%s reads the others, and not this one', async (_step, run) => {
  const on = recording()
  await run(on)
  expect(on.read).toEqual([0, 2])
})

test('its audit row has its bytes, the partner of its attribute and its reason', async () => {
  const { reader, warehouse, rows } = recording()
  await attempt(createWriteAuditLog(reader, warehouse, metrics), [batch, 'b', rejected])
  expect(rows).toHaveLength(3)
  expect(rows[POISON]?.columns).toMatchObject({
    decision: 'rejected',
    reasons: ['poison'],
    partner_id: 'dealer-7',
    type: null,
    order_id: null,
    data: Buffer.from(JSON.stringify({ ...purchase, order_id: 'B' })),
  })
})

const readIndexes: number[] = []
const messages: Message[] = [good('A'), message({ ...purchase, amount: 'abc' })]
const marked = () => {
  readIndexes.length = 0
  return readEach(messages, { begin: (index) => void readIndexes.push(index), end: () => {} })
}

test('its dead letter has its bytes and its reason, and it was not read for it', () => {
  const failedEvents = [{ index: 0, partnerId: 'dealer-7', reasons: ['poison'] }]
  const [letter] = buildDeadLetters(marked(), failedEvents, { batchId: 'b', stage: 'validation' })
  expect(readIndexes).toEqual([])
  expect(letter?.events).toMatchObject([
    {
      data: { text: JSON.stringify({ ...purchase, order_id: 'A' }) },
      orderId: null,
      faults: [
        { reason: 'poison', received: 'a message that a worker could not finish processing' },
      ],
    },
  ])
})

test('dead letters that are made without reading keep the reasons, and say that details are not shown', () => {
  const failedEvents = [{ index: 1, partnerId: 'dealer-7', reasons: ['amount_not_a_number'] }]
  const of = { batchId: 'b', stage: 'validation', isUnread: true } as const
  const [letter] = buildDeadLetters(marked(), failedEvents, of)
  expect(readIndexes).toEqual([])
  expect(letter?.events[0]?.faults).toMatchObject([
    { reason: 'amount_not_a_number', received: expect.stringContaining('not shown') },
  ])
})

test('an event that staging could not finish with was read before, and its dead letter says what it is', () => {
  const failedEvents = [{ index: 0, partnerId: 'dealer-7', reasons: ['poison'] }]
  const [letter] = buildDeadLetters(marked(), failedEvents, { batchId: 'b', stage: 'staging' })
  expect(letter?.events).toMatchObject([{ orderId: 'A', eventType: 'purchase' }])
})
