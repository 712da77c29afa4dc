// A replayed message is the message that it was, of another batch; a message that only looks like one is itself.

import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { toOutgoing } from '#operations/dead-letters/republish'
import { toReplay } from '#operations/replay/replay'
import { asFirstDelivered, withReplays } from '../../../bridge/replays.ts'
import { batchId } from '../../../bridge/start-batch.ts'
import { message, PUBLISH_TIME } from '../../fixtures/messages.ts'

const LATER = '2026-11-21T10:00:00.000000Z'

const republished = (original: ReturnType<typeof message>) => {
  const { messageId, publishTime, data, attributes } = original
  const outgoing = toReplay({
    message_id: messageId,
    publish_time: publishTime,
    data: Buffer.from(data),
    attributes: { ...attributes },
  })
  if (!outgoing) throw new Error('there is no room')
  return { ...outgoing, messageId: 'new', publishTime: LATER }
}

test('id, publish time, bytes and attributes are those of the message', () => {
  fc.assert(
    fc.property(
      fc.uint8Array(),
      fc.dictionary(fc.stringMatching(/^[a-f]{1,8}$/), fc.string({ maxLength: 20 }), {
        maxKeys: 9,
      }),
      (data, attributes) => {
        const original = message(data, { attributes })
        const restored = asFirstDelivered(republished(original))
        expect(restored).toMatchObject({
          messageId: original.messageId,
          publishTime: PUBLISH_TIME,
          redrivenAt: LATER,
          attributes,
        })
        expect(Buffer.from(restored.data)).toEqual(Buffer.from(data))
      },
    ),
  )
})

test('a replay of a replay is of the first message', () => {
  const original = message()
  const once = asFirstDelivered(republished(original))
  expect(asFirstDelivered(republished(once))).toMatchObject({
    messageId: original.messageId,
    publishTime: PUBLISH_TIME,
  })
})

test('the same messages replayed are another batch, and delivered twice the same one', () => {
  const original = message()
  const first = asFirstDelivered(republished(original))
  const second = asFirstDelivered({
    ...republished(original),
    publishTime: '2026-11-22T00:00:00.000000Z',
  })
  expect(new Set([batchId([original]), batchId([first]), batchId([second])]).size).toBe(3)
  expect(batchId([asFirstDelivered(republished(original))])).toBe(batchId([first]))
})

test.each([
  [{}],
  [{ replay_of: 'm1' }],
  [{ replay_publish_time: PUBLISH_TIME }],
  [{ replay_of: '', replay_publish_time: PUBLISH_TIME }],
  [{ replay_of: 'm1', replay_publish_time: 'yesterday' }],
  [{ replay_of: 'm1', replay_publish_time: LATER }],
  [{ replay_of: 'm1', replay_publish_time: '2026-11-21T10:00:00.000001Z' }],
])('a message is itself with the attributes %j', (attributes) => {
  const one = message(undefined, { attributes, publishTime: LATER })
  expect(asFirstDelivered(one)).toBe(one)
})

test('an event of a dead letter that is published as a new message is no replay', () => {
  const failed = asFirstDelivered(republished(message()))
  const outgoing = toOutgoing(failed, 'dead-letter/1')
  const again = {
    ...failed,
    ...outgoing,
    messageId: 'newer',
    publishTime: '2026-11-23T00:00:00.000000Z',
  }
  expect(asFirstDelivered(again)).toBe(again)
  expect(again.attributes).toMatchObject({ original_message_id: failed.messageId })
})

test('a source restores what it pulls', async () => {
  const delivery = { ackId: 'a', message: republished(message()) }
  const source = withReplays({ pull: async () => [delivery], acknowledge: async () => {} })
  const [pulled] = await source.pull(1, new AbortController().signal)
  expect(pulled).toEqual({ ackId: 'a', message: asFirstDelivered(delivery.message) })
})

test('a message without room for two more attributes is left out', () => {
  const attributes = Object.fromEntries(Array.from({ length: 99 }, (_, i) => [`a${i}`, 'x']))
  const row = { message_id: 'm', publish_time: PUBLISH_TIME, data: Buffer.from('x') }
  expect(toReplay({ ...row, attributes })).toBeNull()
})

const retried = (attempt: number) =>
  message('{}', { attributes: { redrive_attempt: String(attempt) } })

test('an event is published to the retry topic five times, and then refused', () => {
  expect(toOutgoing(message('{}', { messageId: 'm1', attributes: { a: 'b' } }), 'letter')).toEqual({
    data: expect.anything(),
    attributes: {
      a: 'b',
      redrive_of: 'letter',
      redrive_attempt: '1',
      original_message_id: 'm1',
      original_publish_time: PUBLISH_TIME,
    },
  })
  expect(toOutgoing(retried(4), 'letter').attributes['redrive_attempt']).toBe('5')
  const last = retried(5)
  expect(() => toOutgoing(last, 'letter')).toThrow(
    expect.objectContaining({
      code: 'returned_too_often',
      details: { letter: 'letter', messageId: last.messageId, times: 5 },
    }),
  )
})

test('a message that has no room for where it came from is refused', () => {
  const attributes = Object.fromEntries(Array.from({ length: 98 }, (_, at) => [`a${at}`, 'x']))
  expect(() => toOutgoing(message('{}', { messageId: 'm1', attributes }), 'letter')).toThrow(
    expect.objectContaining({
      code: 'no_room_for_lineage',
      details: {
        letter: 'letter',
        messageId: 'm1',
        attributes: ['original_message_id', 'original_publish_time'],
      },
    }),
  )
})
