// A bucket lets a burst through at once, then so much a second, and lets nobody wait longer than the longest wait.

import { expect, test } from '@jest/globals'
import * as fc from 'fast-check'
import { createPace } from '../../../activities/pace.ts'

const OPTIONS = { perSecond: 10, burst: 20, maxWaitSeconds: 5 }

function paceAt(): { clock: { ms: number }; take: (amount: number) => number } {
  const clock = { ms: 1_000 }
  const pace = createPace(OPTIONS, () => clock.ms)
  return { clock, take: (amount) => pace.take(amount) }
}

test('a burst is due at once; what comes after it waits for its turn', () => {
  const { take } = paceAt()
  expect([take(20), take(10), take(5), take(1)]).toEqual([0, 0, 1, 1.5])
})

test('after a quiet while there is room for a burst again, and for no more than one', () => {
  const { clock, take } = paceAt()
  take(30)
  clock.ms += 60_000
  expect([take(20), take(10), take(10)]).toEqual([0, 0, 1])
})

test('what comes faster for longer waits no longer than the longest wait', () => {
  const { take } = paceAt()
  const waits = Array.from({ length: 1_000 }, () => take(10))
  expect(Math.max(...waits)).toBe(OPTIONS.maxWaitSeconds)
})

test('on average no more is due in a second than may be, as long as nobody waits the longest', () => {
  const arrivals = fc.array(fc.tuple(fc.nat(3_000), fc.integer({ min: 1, max: 5 })), {
    maxLength: 50,
  })
  fc.assert(
    fc.property(arrivals, (steps) => {
      const { clock, take } = paceAt()
      const turns = steps.map(([afterMs, amount]) => {
        clock.ms += afterMs
        const wait = take(amount)
        return { due: clock.ms + wait * 1_000, amount, wait }
      })
      fc.pre(turns.every(({ wait }) => wait < OPTIONS.maxWaitSeconds - 1))
      turns.forEach(({ due }, first) => {
        const within = turns.slice(first).filter((turn) => turn.due <= due + 1_000)
        const sum = within.reduce((total, { amount }) => total + amount, 0)
        expect(sum).toBeLessThanOrEqual(OPTIONS.burst + OPTIONS.perSecond + 5)
      })
    }),
  )
})
