// Questions of several callers that become one question.

import { afterEach, expect, jest, test } from '@jest/globals'
import { createCollector } from '../../../activities/activation/collector.ts'

afterEach(() => void jest.useRealTimers())

const now = () => performance.now()

/** Answers with the items that were asked for together. */
function recording(everyMs: number, maxItems: number) {
  const asked: (readonly string[])[] = []
  const collector = createCollector(
    async (items: readonly string[]) => {
      asked.push(items)
      return items
    },
    { everyMs, isFull: (items) => items.length >= maxItems, now },
  )
  return { asked, collector }
}

test('what is asked at the same time is one question, in the order of asking, and all get its answer', async () => {
  const { asked, collector } = recording(0, 5)
  const answers = await Promise.all(['b', 'a', 'c'].map((item) => collector.collect(item)))
  expect(asked).toEqual([['b', 'a', 'c']])
  expect(answers).toEqual(Array.from({ length: 3 }, () => ['b', 'a', 'c']))
})

test('as many items as there may be are asked without waiting, and the others in the next question', async () => {
  jest.useFakeTimers()
  const { asked, collector } = recording(300, 2)
  const first = collector.collect('first')
  await jest.advanceTimersByTimeAsync(0)
  await first
  const answers = Promise.all(['a', 'b', 'c'].map((item) => collector.collect(item)))
  expect(asked).toEqual([['first'], ['a', 'b']])
  await jest.advanceTimersByTimeAsync(299)
  expect(asked).toHaveLength(2)
  await jest.advanceTimersByTimeAsync(1)
  expect(asked).toEqual([['first'], ['a', 'b'], ['c']])
  expect(await answers).toEqual([['a', 'b'], ['a', 'b'], ['c']])
})

test('an error goes to every caller of its question, and to none of the next one', async () => {
  let isDown = true
  const error = new Error('BigQuery does not answer')
  const collector = createCollector(
    async (items: readonly string[]) => {
      if (isDown) throw error
      return items.length
    },
    { everyMs: 0, isFull: () => false, now },
  )
  const results = await Promise.allSettled(['a', 'b', 'c'].map((item) => collector.collect(item)))
  expect(results).toEqual(Array.from({ length: 3 }, () => ({ status: 'rejected', reason: error })))
  isDown = false
  expect(await collector.collect('d')).toBe(1)
})
