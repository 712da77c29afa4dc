// The workflow id of a batch: the same for the same deliveries, and for no others.

import { expect, test } from '@jest/globals'
import * as fc from 'fast-check'
import { batchId } from '../../../bridge/start-batch.ts'
import { message } from '../../fixtures/messages.ts'

const withId = (messageId: string) => message('event', { messageId })

const someIds = fc.uniqueArray(fc.string({ minLength: 1 }), { minLength: 1, maxLength: 20 })

test('the same messages have the same id in any order', () => {
  const shuffled = someIds.chain((ids) =>
    fc.tuple(fc.constant(ids), fc.shuffledSubarray(ids, { minLength: ids.length })),
  )
  fc.assert(
    fc.property(shuffled, ([ids, others]) => {
      expect(batchId(others.map(withId))).toBe(batchId(ids.map(withId)))
    }),
  )
})

test('other messages have another id', () => {
  fc.assert(
    fc.property(someIds, someIds, (ids, others) => {
      fc.pre(ids.toSorted().join('\n') !== others.toSorted().join('\n'))
      expect(batchId(others.map(withId))).not.toBe(batchId(ids.map(withId)))
    }),
  )
})

test('what a message holds does not change the id, so that a redelivery has the same', () => {
  const again = message('other', {
    messageId: 'm',
    attributes: { googclient_deliveryattempt: '2' },
  })
  expect(batchId([again])).toBe(batchId([message('event', { messageId: 'm' })]))
})

test.each([
  ['one more of them', ['1', '2'], ['1', '2', '3']],
  ['one of them less', ['1', '2'], ['2']],
  ['the same one twice', ['1'], ['1', '1']],
  ['ids that look joined', ['1', '2'], ['1,2']],
])('%s is another batch', (_what, some, others) => {
  expect(batchId(others.map(withId))).not.toBe(batchId(some.map(withId)))
})

test('an id that an emulator gives again after its restart is another batch', () => {
  const before = message('event', { messageId: '1', publishTime: '2026-11-20T10:00:00.000000Z' })
  const after = message('event', { messageId: '1', publishTime: '2026-11-20T10:00:00.000001Z' })
  expect(batchId([after])).not.toBe(batchId([before]))
})

test('each part of a message has an id of its own, apart from the whole', () => {
  const whole = withId('m')
  const parts = [0, 1, 2].map((index) => ({ ...whole, part: { index, of: 3 } }))
  expect(new Set([whole, ...parts].map((one) => batchId([one]))).size).toBe(4)
})

test('the id is short and safe in any URL', () => {
  expect(batchId([withId('a/b?c')])).toMatch(/^batch-[0-9a-f]{32}$/)
})
