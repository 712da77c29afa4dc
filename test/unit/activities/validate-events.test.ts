// Which events of a batch go on, which do not, and which repeat another.

import { expect, test } from '@jest/globals'
import { readEvent } from '#contracts'
import { createBatchReader } from '../../../activities/read-batch.ts'
import { createValidateEvents } from '../../../activities/validate-events.ts'
import { cancellation, message, purchase } from '../../fixtures/messages.ts'
import { attempt, batchOf, countDecisions } from '../../support/activities.ts'

const validateEvents = createValidateEvents(createBatchReader(), countDecisions)
const validate = (batch: Uint8Array) => attempt(validateEvents, [batch])

test('every message is accepted, rejected or a duplicate', async () => {
  const batch = batchOf(
    message(purchase, { messageId: '2' }),
    message('not json'),
    message(purchase, { messageId: '1' }),
    message({ ...purchase, amount: -1, order_id: '' }, { attributes: { partner_id: 'dealer-9' } }),
    message(cancellation),
  )
  expect(await validate(batch)).toEqual({
    received: 5,
    accepted: 2,
    rejected: [
      { index: 1, partnerId: 'dealer-7', reasons: ['not_json'] },
      { index: 3, partnerId: 'dealer-9', reasons: ['amount_not_positive', 'order_id_empty'] },
    ],
    duplicates: [2],
  })
})

test.each([
  ['the same event id twice', { event_id: 'e1' }, { event_id: 'e1', sent: 2 }, [1]],
  ['the same event id with other contents', { event_id: 'e1', amount: 1 }, { event_id: 'e1' }, []],
  ['an event id of two orders', { event_id: 'e1', order_id: 'x' }, { event_id: 'e1' }, []],
  ['another amount without an event id', { amount: 1 }, {}, []],
  [
    'another vehicle without an event id',
    { vehicle: { vin: 'V1' } },
    { vehicle: { vin: 'V2' } },
    [],
  ],
  ['an event id of two partners', { event_id: 'e1', partner_id: 'x' }, { event_id: 'e1' }, []],
  ['another order without an event id', { order_id: 'x' }, {}, []],
  ['another time without an event id', { timestamp: '2026-11-19T19:32:01Z' }, {}, []],
  ['the same time in another zone', { timestamp: '2026-11-19T20:32:00+01:00' }, {}, [1]],
])('%s', async (_, first, second, duplicates) => {
  const batch = batchOf(
    message({ ...purchase, ...first }, { messageId: '2' }),
    message({ ...purchase, ...second }, { messageId: '1' }),
  )
  expect(await validate(batch)).toMatchObject({
    received: 2,
    accepted: 2 - duplicates.length,
    rejected: [],
    duplicates,
  })
})

test('an event that breaks one rule a hundred times has that reason once', async () => {
  const consent = Object.fromEntries(Array.from({ length: 100 }, (_, i) => [`c${i}`, 'yes']))
  const broken = message({ ...purchase, consent })
  const { rejected } = await validate(batchOf(broken))
  expect(rejected).toEqual([
    { index: 0, partnerId: 'dealer-7', reasons: ['consent_not_a_boolean'] },
  ])
  const reading = readEvent(broken)
  expect(reading.accepted ? 0 : reading.violations.length).toBeGreaterThan(1)
})

test('the same batch gets the same verdict again', async () => {
  const batch = batchOf(message(purchase), message('{'), message(purchase))
  expect(await validate(batch)).toEqual(await validate(batch))
})

test('a payload the bridge did not write is a bug, never a retry', async () => {
  await expect(validate(Buffer.from('{}'))).rejects.toMatchObject({
    type: 'batch_unreadable',
    nonRetryable: true,
  })
})

test('a message in parts counts once, with its first', async () => {
  const part = (index: number) =>
    batchOf(message('x', { messageId: 'big', part: { index, of: 2 } }))
  expect(await validate(part(0))).toMatchObject({
    received: 1,
    accepted: 0,
    rejected: [{ index: 0 }],
  })
  expect(await validate(part(1))).toMatchObject({
    received: 0,
    accepted: 0,
    rejected: [{ index: 0 }],
  })
})
