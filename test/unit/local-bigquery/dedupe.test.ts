import { expect, test } from '@jest/globals'
import { createDedupe } from '../../../deploy/local/bigquery/engine/dedupe.ts'

const setUp = () => {
  const clock = { now: 0 }
  return { clock, dedupe: createDedupe(() => clock.now) }
}

test('an insertId is remembered for a minute, per table', () => {
  const { clock, dedupe } = setUp()
  expect(dedupe.claim('d.a', 'x')).toBe(true)
  expect(dedupe.claim('d.b', 'x')).toBe(true)
  clock.now = 60_000
  expect(dedupe.claim('d.a', 'x')).toBe(false)
  clock.now = 60_001
  expect(dedupe.claim('d.a', 'x')).toBe(true)
})

test('an id claimed late in one generation is still known early in the next', () => {
  const { clock, dedupe } = setUp()
  dedupe.claim('d.a', 'first')
  clock.now = 59_000
  dedupe.claim('d.a', 'late')
  clock.now = 100_000
  expect(dedupe.claim('d.a', 'late')).toBe(false)
  clock.now = 119_001
  expect(dedupe.claim('d.a', 'late')).toBe(true)
})

test('a released or forgotten id may come again', () => {
  const { dedupe } = setUp()
  dedupe.claim('d.a', 'x')
  dedupe.release('d.a', 'x')
  expect(dedupe.claim('d.a', 'x')).toBe(true)
  dedupe.forget('d.a')
  expect(dedupe.claim('d.a', 'x')).toBe(true)
})
