// Which of the events of an order that are ready are told by one call, and why the others are not.

import { expect, test } from '@jest/globals'
import { chooseCall } from '#activation/order/choose-call'
import type { LoggedOutcome } from '#activation/order/facts'
import { type Delivery, historyOf } from '#activation/order/history'
import { readEvent } from '#contracts'
import { cancellation, message, purchase } from '../../../fixtures/messages.ts'
import { stagedVersion } from '../../../support/accepted-event.ts'

const { order_id: _1, customer_id: _2, ...car } = purchase
const { order_id: _3, customer_id: _4, ...cancelled } = cancellation

function delivery(fields: object): Delivery {
  const sent = message({ order_id: 'A1', customer_id: 'C1', currency: 'EUR', ...fields })
  const reading = readEvent(sent)
  if (!reading.accepted) throw new Error('the event of the test is rejected')
  const { messageId, publishTime } = sent
  return { index: 0, messageId, publishTime, runId: 'batch-1', event: reading.event }
}

const bought = (event_id: string, fields: object = {}) => delivery({ ...car, event_id, ...fields })
const revoked = (event_id: string, fields: object = {}) =>
  delivery({ ...cancelled, event_id, ...fields })
const part = (event_id: string, amount: number, fields: object = {}) =>
  revoked(event_id, { partial: true, amount, ...fields })

/** Segment was told of this purchase. */
function toldOf(told: Delivery): LoggedOutcome {
  const { isPartial: _, ...version } = stagedVersion({ ...told, runId: 'batch-0' })
  return {
    ...version,
    outcome: 'accepted',
    reason: null,
    call: 'Order Completed',
    value: told.event.amount,
    toldAt: told.event.timestamp,
    googleAds: 'intended',
    clickId: null,
    recordedAt: told.publishTime,
  }
}

function chosen(ready: readonly Delivery[], told: readonly LoggedOutcome[]) {
  const { call, held } = chooseCall(ready, historyOf({ staged: [], logged: told }, []))
  return {
    call: call?.kind ?? null,
    value: call?.kind === 'updated' ? call.value : null,
    events: call?.deliveries.map(({ event }) => event.event_id) ?? [],
    held: Object.fromEntries(
      held.map(({ delivery: { event }, reason }) => [event.event_id, reason]),
    ),
  }
}

const NOTHING = { call: null, value: null, events: [], held: {} }

test.each<[what: string, ready: Delivery[], expected: object]>([
  ['nothing', [], {}],
  ['two cars', [bought('1'), bought('2')], { call: 'completed', events: ['1', '2'] }],
  [
    'a car in another currency',
    [bought('1'), bought('2', { currency: 'USD' })],
    { call: 'completed', events: ['1'], held: { 2: 'currency_differs' } },
  ],
  [
    'a car of another customer',
    [bought('1'), bought('2', { customer_id: 'C2' })],
    { call: 'completed', events: ['1'], held: { 2: 'other_customer' } },
  ],
  [
    'a car of another customer in another currency',
    [bought('1'), bought('2', { customer_id: 'C2', currency: 'USD' })],
    { call: 'completed', events: ['1'], held: { 2: 'other_customer' } },
  ],
  [
    'two versions of one car',
    [bought('1'), bought('2'), bought('1', { amount: 1 })],
    { call: 'completed', events: ['2', '1'], held: { 1: 'superseded' } },
  ],
])('the first call of an order: %s', (_, ready, expected) => {
  expect(chosen(ready, [])).toEqual({ ...NOTHING, ...expected })
})

const TOLD = [toldOf(bought('0', { amount: 100.5 }))]

test.each<[what: string, ready: Delivery[], expected: object]>([
  [
    'another car',
    [bought('1', { amount: 50 })],
    { call: 'updated', value: '150.5', events: ['1'] },
  ],
  [
    'a correction of the first car',
    [bought('0', { amount: 80 })],
    { call: 'updated', value: '80', events: ['0'] },
  ],
  [
    'a correction, another car and a part that is cancelled',
    [bought('0', { amount: 80 }), bought('1', { amount: 50 }), part('c', 10)],
    { call: 'updated', value: '120', events: ['0', '1', 'c'] },
  ],
  [
    'another car and a part whose events have the same id',
    [bought('1', { amount: 50 }), part('1', 10)],
    { call: 'updated', value: '140.5', events: ['1', '1'] },
  ],
  ['a part that is cancelled', [part('c', 0.5)], { call: 'updated', value: '100', events: ['c'] }],
  ['a part that is all', [part('c', 100.5)], { call: 'cancelled', events: ['c'] }],
  ['a part that is more than all', [part('c', 101)], { call: 'cancelled', events: ['c'] }],
  [
    'the whole order, and what comes with its cancellation',
    [bought('1'), revoked('c'), part('d', 1)],
    { call: 'cancelled', events: ['c'], held: { 1: 'order_cancelled', d: 'order_cancelled' } },
  ],
  [
    'the whole order, whose cancellation has another currency',
    [revoked('c', { currency: 'USD' })],
    { call: 'cancelled', events: ['c'] },
  ],
  [
    'a part without a currency, and a car in another one',
    [part('c', 10, { currency: undefined }), bought('1', { currency: 'USD' })],
    { call: 'updated', value: '90.5', events: ['c'], held: { 1: 'currency_differs' } },
  ],
  [
    'nothing but another currency',
    [part('c', 10, { currency: 'USD' })],
    { held: { c: 'currency_differs' } },
  ],
  [
    'the same value again, and a car in another currency',
    [bought('0', { amount: 100.5, car_model: 'Coupe' }), bought('2', { currency: 'USD' })],
    { held: { 0: 'value_unchanged', 2: 'currency_differs' } },
  ],
])('a change of an order: %s', (_, ready, expected) => {
  expect(chosen(ready, TOLD)).toEqual({ ...NOTHING, ...expected })
})

/** Segment was told of the event by an update, after which the order had this value. */
const updatedTo = (value: string, of: Delivery): LoggedOutcome => ({
  ...toldOf(of),
  call: 'Order Updated',
  value,
  toldAt: '2026-11-20T11:00:00.000Z',
})

test.each<[what: string, ready: Delivery, value: string]>([
  [
    'of a car changes the value by the difference to its last one',
    bought('0', { amount: 90 }),
    '80',
  ],
  ['of a cancelled part does, too', part('c', 15), '65'],
  ['of a cancelled part with the event id of a car is of the part', part('0', 15), '55'],
])('a correction %s', (_, ready, value) => {
  const told = [
    updatedTo('70', part('c', 10)),
    updatedTo('80', bought('0', { amount: 80 })),
    toldOf(bought('0', { amount: 100.5 })),
  ].map((row, age) => ({ ...row, publishTime: `2026-11-20T0${9 - age}:00:00.000000Z` }))
  expect(chosen([ready], told)).toMatchObject({ call: 'updated', value })
})
