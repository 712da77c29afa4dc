// Planning in turns: the plan is that of one turn, and the event loop is not blocked meanwhile.

import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { NO_PARTNERS } from '#runtime/partners/registry'
import { planCalls } from '../../../activities/activation/plan-calls.ts'
import { planInTurns } from '../../../activities/activation/plan-in-turns.ts'
import { acceptedOf, readEach } from '../../../activities/read-batch.ts'
import { message, purchase } from '../../fixtures/messages.ts'

const RULES = { namespace: 'test', partners: NO_PARTNERS }
const OPTIONS = {
  batchId: 'batch-1',
  nowMs: Date.now(),
  takesCancellations: false,
  openRuns: new Set<string>(),
}

const eventsOf = (orders: readonly number[]) => {
  const messages = orders.map((order, i) =>
    message({ ...purchase, order_id: `A${order}`, event_id: `e${i}` }),
  )
  return acceptedOf(readEach(messages), []).events
}

test('the calls are those of a plan in one turn, those of one order together', async () => {
  const orders = fc.array(fc.nat(400), { minLength: 1, maxLength: 700 })
  await fc.assert(
    fc.asyncProperty(orders, async (numbers) => {
      const events = eventsOf(numbers)
      const plan = await planInTurns(events, new Map(), RULES, OPTIONS)
      expect(plan).toEqual(planCalls(events, new Map(), RULES, OPTIONS))
    }),
    { numRuns: 10 },
  )
})

test('a batch of 2,000 orders is planned in eight turns of the event loop', async () => {
  const events = eventsOf(Array.from({ length: 2_000 }, (_, i) => i))
  let turns = 0
  let isPlanned = false
  const count = () => {
    turns += 1
    if (!isPlanned) setImmediate(count)
  }
  setImmediate(count)
  await planInTurns(events, new Map(), RULES, OPTIONS)
  isPlanned = true
  expect(turns).toBeGreaterThanOrEqual(8)
})
