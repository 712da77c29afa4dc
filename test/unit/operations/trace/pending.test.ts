// What a trace says of a step that is being tried: when it is tried next, where that is not in the past.

import { expect, test } from '@jest/globals'
import { toPending } from '#operations/trace/runs'

const inSeconds = (seconds: number) => ({ seconds: Math.floor(Date.now() / 1000) + seconds })

const pending = (own: object) =>
  toPending(Object({ activityType: { name: 'stageEvents' }, attempt: 3, ...own }))

test('the next attempt of a step that failed', () => {
  const scheduledTime = inSeconds(600)
  const lastFailure = { message: 'said jane.doe@example.com' }
  expect(pending({ scheduledTime, lastFailure })).toEqual({
    step: 'stageEvents',
    attempt: 3,
    lastFailure: expect.not.stringContaining('jane'),
    nextAttemptAt: new Date(scheduledTime.seconds * 1000).toISOString().replace('Z', '000Z'),
  })
})

test.each([{}, { scheduledTime: inSeconds(-600) }])(
  'an attempt that is under way has no next one: %#',
  (own) => {
    expect(pending(own)).toMatchObject({ lastFailure: null, nextAttemptAt: null })
  },
)
