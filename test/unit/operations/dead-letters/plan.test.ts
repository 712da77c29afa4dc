// A redrive carries what fits; what does not is refused by name, with what to do.

import { randomBytes } from 'node:crypto'
import { expect, test } from '@jest/globals'
import { MAX_MESSAGE_BYTES, readEvent } from '#contracts'
import { decodeBatch } from '#contracts/batch-payload'
import { unchanged } from '#operations/dead-letters/edit'
import { encodePlanned, planRedrive } from '#operations/dead-letters/plan'
import { forecast } from '#operations/dead-letters/preview'
import { LetterRefusedError } from '#operations/errors'
import { purchase } from '../../../fixtures/messages.ts'
import { storedEvent } from '../../../support/stored-event.ts'
import { worded } from '../../../support/worded.ts'

const NOW = new Date('2026-11-20T12:00:00Z')

const planOf = (...sizes: readonly number[]) => {
  const events = sizes.map((size, i) =>
    storedEvent({ message_id: `m${i}`, data: randomBytes(size) }),
  )
  return planRedrive({ id: 'dead-letter/b/p/validation', attempts: 0, events }, unchanged, NOW)
}

test('what one message may have, and what all together may have, travels', () => {
  expect(encodePlanned(planOf(MAX_MESSAGE_BYTES)).length).toBeGreaterThan(MAX_MESSAGE_BYTES)
  expect(encodePlanned(planOf(900_000, 900_000)).length).toBeGreaterThan(1_800_000)
})

test.each([
  ['a message', [MAX_MESSAGE_BYTES + 1], 'message m0 has 1,048,577 bytes, and an event may have'],
  ['a little too much together', [960_000, 960_000], 'its events have 1,9'],
  ['far too much together', [1_000_000, 1_000_000, 1_000_000], 'its events have 3,0'],
])('%s that is too large is refused', async (_what, sizes, words) => {
  const refused = () => encodePlanned(planOf(...sizes))
  expect(refused).toThrow(LetterRefusedError)
  await expect(worded(refused)).rejects.toThrow(words)
  await expect(worded(refused)).rejects.toThrow(
    'Make what is too large smaller (show --export, then redrive --events)',
  )
})

test.each([
  ['before the event is ten minutes ahead', '2026-11-20T10:00:29Z', 'reject again', false],
  ['once it is ten minutes ahead', '2026-11-20T10:00:30Z', 'stage and activate', true],
  ['an hour later', '2026-11-20T11:00:00Z', 'stage and activate', true],
])(
  'an event that was in the future is measured from its redrive: %s',
  (_what, at, would, accepted) => {
    const data = Buffer.from(JSON.stringify({ ...purchase, timestamp: '2026-11-20T10:10:30Z' }))
    const events = [storedEvent({ data, publish_time: '2026-11-20T10:00:00.000000Z' })]
    const letter = { id: 'dead-letter/b/p/validation', attempts: 0, events }
    const planned = planRedrive(letter, unchanged, new Date(at))
    expect(forecast(planned).map((one) => one.would)).toEqual([would])
    const [carried] = decodeBatch(encodePlanned(planned))
    expect(carried && readEvent(carried).accepted).toBe(accepted)
  },
)
