// Calls become requests of the size that Segment takes, and what Segment refuses is found by halving.

import { expect, test } from '@jest/globals'
import { NO_PARTNERS } from '#runtime/partners/registry'
import type { ServiceError } from '#runtime/service-error'
import { planCalls, type ReadyCall } from '../../../activities/activation/plan-calls.ts'
import { requestsOf, sendCalls } from '../../../activities/activation/send-calls.ts'
import { acceptedOf, readEach } from '../../../activities/read-batch.ts'
import { message, purchase } from '../../fixtures/messages.ts'

const planOf = (...sent: readonly object[]) => {
  const messages = sent.map((more, i) => message({ ...purchase, order_id: `A${i}`, ...more }))
  const { events } = acceptedOf(readEach(messages), [])
  const rules = { namespace: 'test', partners: NO_PARTNERS }
  return planCalls(events, new Map(), rules, {
    batchId: 'batch-1',
    nowMs: Date.parse('2026-11-20T10:00:00Z'),
    takesCancellations: false,
    openRuns: new Set(),
  })
}

const callsOf = (count: number) => planOf(...Array.from({ length: count }, () => ({}))).calls

/** Calls of these many bytes. */
function sized(...bytes: readonly number[]): ReadyCall[] {
  const [call] = callsOf(1)
  if (!call) throw new Error('a call')
  return bytes.map((size) => ({ ...call, bytes: size }))
}

const ones = (count: number) => Array.from({ length: count }, () => 1)

test.each([
  ['one call of all bytes', [450_000], [1]],
  ['two calls of all bytes', [225_000, 225_000], [2]],
  ['two calls with a byte too many', [225_000, 225_001], [1, 1]],
  ['a third call that does not fit', [1, 449_999, 1], [2, 1]],
  ['as many calls as there may be', ones(2_500), [2_500]],
  ['one call more', ones(2_501), [2_500, 1]],
])('no request has more than 450,000 bytes or 2,500 calls: %s', (_, bytes, lengths) => {
  expect(requestsOf(sized(...bytes)).map(({ length }) => length)).toEqual(lengths)
})

test('a call has at most 31,000 bytes with what its adapter adds', () => {
  const many = Array.from({ length: 121 }, (_, i) => [`${i}`.padEnd(240, 'c'), true])
  const planWith = (length: number) => {
    const { calls, unsent } = planOf({
      consent: Object.fromEntries([...many, ['d'.repeat(length), true]]),
    })
    return { bytes: calls[0]?.bytes, reasons: unsent.map(({ reason }) => reason) }
  }
  const room = 31_000 - (planWith(1).bytes ?? 0)
  expect(room).toBeGreaterThan(0)
  expect(planWith(1 + room)).toEqual({ bytes: 31_000, reasons: [] })
  expect(planWith(2 + room)).toEqual({ bytes: undefined, reasons: ['call_too_large'] })
})

/** Segment that refuses requests with one of these calls, and answers the request of this number in its own way. */
function segmentThat(
  refuses: (call: ReadyCall['call']) => boolean,
  answers = new Map<number, ServiceError>(),
) {
  const requests: number[] = []
  const deliver = async (calls: readonly { readonly call: ReadyCall['call'] }[]) => {
    requests.push(calls.length)
    const answer = answers.get(requests.length)
    if (answer) return answer
    return calls.some(({ call }) => refuses(call)) ? { status: 400 } : null
  }
  return { segment: { deliver }, requests }
}

const placesOf = (calls: readonly ReadyCall[], all: readonly ReadyCall[]) =>
  calls.map((call) => all.indexOf(call))

test('one call that Segment refuses is found, and all others are sent once', async () => {
  const calls = callsOf(5)
  const { segment, requests } = segmentThat((call) => call === calls[3]?.call)
  const { accepted, refused, unsent, error } = await sendCalls(segment, calls)
  expect([accepted, refused, unsent].map((some) => placesOf(some, calls))).toEqual([
    [0, 1, 2, 4],
    [3],
    [],
  ])
  expect(error).toBeNull()
  expect(requests).toEqual([5, 3, 2, 1, 1])
})

test.each([
  [9, 9, 9, null],
  [10, 10, 0, 'segment_setup'],
  [10, 9, 9, null],
  [11, 11, 0, 'segment_setup'],
])(
  'of %i calls, Segment refuses %i one by one: %i are refused, and the failure is %s',
  async (count, invalid, refusals, type) => {
    const calls = callsOf(count)
    const isInvalid = new Set(calls.slice(0, invalid).map(({ call }) => call))
    const sent = await sendCalls(segmentThat((call) => isInvalid.has(call)).segment, calls)
    expect(sent.refused).toHaveLength(refusals)
    expect(sent.unsent).toHaveLength(type === null ? 0 : count)
    expect(sent.error?.failure.type ?? null).toBe(type)
    expect(sent.error?.serviceError ?? null).toBeNull()
  },
)

test.each<[answer: ServiceError, type: string, unsent: readonly number[]]>([
  [{ status: 503 }, 'segment_unavailable', [0, 1, 2, 3]],
  [{ status: 504 }, 'segment_unavailable', [2, 3]],
  [{ status: 429 }, 'segment_throttled', [0, 1, 2, 3]],
  [{ status: 401 }, 'segment_setup', [0, 1, 2, 3]],
  [{ message: 'not within 10 s' }, 'segment_unavailable', [2, 3]],
])('%j ends the sending, and what follows is certainly not sent', async (answer, type, unsent) => {
  const calls = callsOf(4)
  const { segment, requests } = segmentThat(() => true, new Map([[2, answer]]))
  const sent = await sendCalls(segment, calls)
  expect(placesOf(sent.unsent, calls)).toEqual(unsent)
  expect([sent.accepted, sent.refused]).toEqual([[], []])
  expect([sent.error?.failure.type, sent.error?.serviceError]).toEqual([type, answer])
  expect(requests).toEqual([4, 2])
})
