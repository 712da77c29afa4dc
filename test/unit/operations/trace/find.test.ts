// What an id stands for: orders by partner, and messages that have none, joined to what a redrive made of them.

import { expect, test } from '@jest/globals'
import { toSubjects } from '#operations/trace/find'

const hit = (partner_id: string, order_id: string | null, message_id: string, second = 0) => ({
  partner_id,
  order_id,
  message_id,
  publish_time: `2026-11-25T08:00:0${second}.000000Z`,
})

test('the same order of two partners is two subjects, several messages of one are one', () => {
  const hits = [hit('a', 'O1', 'm1'), hit('b', 'O1', 'm2'), hit('a', 'O1', 'm3', 5)]
  expect(toSubjects(hits)).toEqual([
    {
      partnerId: 'a',
      orderId: 'O1',
      messageIds: ['m1', 'm3'],
      from: hits[0]?.publish_time,
      to: hits[2]?.publish_time,
    },
    expect.objectContaining({ partnerId: 'b', messageIds: ['m2'] }),
  ])
})

test('a message without an order goes to the order, and the partner, that a redrive gave it', () => {
  const subjects = toSubjects([hit('unknown', null, 'm1'), hit('dealer-7', 'O1', 'm1')])
  expect(subjects).toMatchObject([{ partnerId: 'dealer-7', orderId: 'O1', messageIds: ['m1'] }])
})

test('a message nobody can read an order from is a subject of its own', () => {
  expect(toSubjects([hit('a', null, 'm1'), hit('a', null, 'm2')])).toHaveLength(2)
})
