// How often orders are looked up: the seconds of ACTIVATION_LOOKUP_SECONDS.

import { afterEach, beforeEach, expect, jest, test } from '@jest/globals'
import type { Reader } from '#warehouse/read'
import { createOrderLookUp } from '../../../activities/activation/order-look-up.ts'
import { acceptedOf, readEach } from '../../../activities/read-batch.ts'
import { message, purchase } from '../../fixtures/messages.ts'

beforeEach(() => void jest.useFakeTimers())
afterEach(() => void jest.useRealTimers())

const { events } = acceptedOf(readEach([message(purchase)]), [])

test('a query begins at once, and the next one as many seconds later', async () => {
  let queries = 0
  const read: Reader = async () => {
    queries += 1
    return []
  }
  const lookUp = createOrderLookUp(read, 20)
  const askUntil = async (ms: number) => {
    await jest.advanceTimersByTimeAsync(ms)
    return queries
  }
  const answers = [lookUp(events)]
  expect(await askUntil(0)).toBe(1)
  answers.push(lookUp(events), lookUp(events))
  expect(await askUntil(19_999)).toBe(1)
  expect(await askUntil(1)).toBe(2)
  expect(await Promise.all(answers)).toEqual([new Map(), new Map(), new Map()])
})
