// Batching is quick when there is little and full when there is much, and loses no answer of Pub/Sub.

import { setImmediate as turn } from 'node:timers/promises'
import { afterEach, expect, jest, test } from '@jest/globals'
import { pendingBatches } from '../../../bridge/batcher.ts'
import type { Pull } from '../../../bridge/pull-with-backoff.ts'
import type { Delivery } from '../../../bridge/source.ts'
import { waitFor } from '../../support/wait-for.ts'
import { deliveries, delivery } from './deliveries.ts'

/** Longer than any test runs: a pending batch that ends by it fails its test. */
const FOR_EVER_MS = 3_600_000

const SHORT = { pulls: 1, maxEvents: 10, maxBytes: 1_000_000, lingerMs: 20 }
const PATIENT = { ...SHORT, lingerMs: FOR_EVER_MS }

afterEach(() => {
  jest.restoreAllMocks()
})

/** The wall clock of this process is 15 minutes slow from now on; timers run on the monotonic clock. */
function stepWallClockBack(): void {
  const real = Date.now.bind(Date)
  jest.spyOn(Date, 'now').mockImplementation(() => real() - 15 * 60_000)
}

/** A pull that answers when the test says so; an abort answers it with none, as Pub/Sub's does. */
function heldPull() {
  const asked: { readonly max: number; readonly answer: (with_: readonly Delivery[]) => void }[] =
    []
  const pull: Pull = (max, signal) =>
    new Promise((resolve) => {
      asked.push({ max, answer: resolve })
      signal.addEventListener('abort', () => resolve([]))
    })
  const nth = (n: number) => waitFor(() => asked[n - 1], `pull ${n}`)
  return { pull, asked, nth }
}

function start(pull: Pull, options = SHORT) {
  const controller = new AbortController()
  const batches = pendingBatches(pull, options, controller.signal)
  const next = async () => (await batches.next()).value ?? 'over'
  return { next, abort: () => controller.abort(), signal: controller.signal }
}

test('a small pending batch goes on when its first delivery has lingered', async () => {
  const { pull, nth } = heldPull()
  const { next, abort } = start(pull)
  const batch = next()
  const few = deliveries(2)
  ;(await nth(1)).answer(few)
  expect(await batch).toEqual(few)
  abort()
})

test('a linger ends in its time although the wall clock steps back', async () => {
  const { pull, nth } = heldPull()
  const { next, abort } = start(pull, { ...SHORT, lingerMs: 500 })
  const batch = next()
  const few = deliveries(2)
  ;(await nth(1)).answer(few)
  await nth(2)
  stepWallClockBack()
  expect(await batch).toEqual(few)
  abort()
})

test('what comes while it lingers joins it', async () => {
  const { pull, nth } = heldPull()
  const { next, abort } = start(pull, PATIENT)
  const batch = next()
  const [first, second, third] = [deliveries(2), deliveries(3), deliveries(5)]
  ;(await nth(1)).answer(first)
  ;(await nth(2)).answer(second)
  ;(await nth(3)).answer(third)
  expect(await batch).toEqual([...first, ...second, ...third])
  abort()
})

test('as many pulls are outstanding as it may have, and what all of them bring is yielded once', async () => {
  const { pull, asked, nth } = heldPull()
  const { next, abort } = start(pull, { ...PATIENT, pulls: 3 })
  const batch = next()
  await nth(3)
  expect(asked.length).toBe(3)
  const [first, second, third] = [deliveries(4), deliveries(4), deliveries(4)]
  ;(await nth(2)).answer(first)
  ;(await nth(1)).answer(second)
  ;(await nth(4)).answer(third)
  expect(await batch).toEqual([...first, ...second, ...third])
  abort()
})

test('nothing more is asked for while nobody takes, and answers that come meanwhile open the next pending batch', async () => {
  const { pull, asked, nth } = heldPull()
  const { next, abort } = start(pull, { ...PATIENT, pulls: 2 })
  const batch = next()
  const late = await nth(2)
  ;(await nth(1)).answer(deliveries(10))
  await batch
  const more = deliveries(10)
  late.answer(more)
  await turn()
  expect(asked.length).toBe(2)
  expect(await next()).toEqual(more)
  abort()
})

test.each([
  ['events', deliveries(10)],
  ['bytes', [delivery(Buffer.alloc(600_000)), delivery(Buffer.alloc(400_000))]],
])('a pending batch full of %s goes on at once, without another pull', async (_what, full) => {
  const { pull, asked, nth } = heldPull()
  const { next, abort } = start(pull, PATIENT)
  const batch = next()
  ;(await nth(1)).answer(full)
  expect(await batch).toEqual(full)
  expect(asked.length).toBe(1)
  abort()
})

test('a pull that outlives the linger is not asked again, and opens the next pending batch', async () => {
  const { pull, asked, nth } = heldPull()
  const { next, abort } = start(pull)
  const batch = next()
  ;(await nth(1)).answer(deliveries(1))
  const late = await nth(2)
  await batch
  const following = next()
  const more = deliveries(9)
  late.answer(more)
  expect(await following).toEqual(more)
  expect(asked.length).toBe(3)
  abort()
})

test('an empty answer is asked again and never yielded', async () => {
  const { pull, nth } = heldPull()
  const { next, abort } = start(pull)
  const batch = next()
  ;(await nth(1)).answer([])
  ;(await nth(2)).answer([])
  const few = deliveries(1)
  ;(await nth(3)).answer(few)
  expect(await batch).toEqual(few)
  abort()
})

test('an abort ends the linger and yields what was collected', async () => {
  const { pull, nth } = heldPull()
  const { next, abort } = start(pull, PATIENT)
  const batch = next()
  const few = deliveries(3)
  ;(await nth(1)).answer(few)
  await nth(2)
  abort()
  expect(await batch).toEqual(few)
  expect(await next()).toBe('over')
})

test('an abort still yields the answer of a pull that was under way', async () => {
  const asked: ((with_: readonly Delivery[]) => void)[] = []
  const pull: Pull = () => new Promise((resolve) => void asked.push(resolve))
  const nth = (n: number) => waitFor(() => asked[n - 1], `pull ${n}`)
  const { next, abort } = start(pull)
  const batch = next()
  ;(await nth(1))(deliveries(1))
  const answerLate = await nth(2)
  await batch
  abort()
  const last = next()
  const late = deliveries(2)
  answerLate(late)
  expect(await last).toEqual(late)
  expect(await next()).toBe('over')
})
