// The rules of the governor: when the limit falls, how it recovers, and that a person overrules it.

import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import {
  admissionOf,
  dueAt,
  GOVERNOR_RULES,
  type Governor,
  governedBy,
  governorIdentity,
  newGovernor,
  onReading,
  onReport,
  onTime,
  type QueueLimit,
  type SegmentReport,
  wantedLimit,
} from '#contracts'
import { GOVERNOR_STATES } from '#contracts/activation-limit'
import { type Expected, limitsBySecond, type TimedReport } from '../../support/governor-model.ts'

const START = Date.parse('2026-11-28T12:00:00Z')
const NONE: QueueLimit = { perSecond: null, reason: '', identity: '' }
const CEILING = 64

let settings = 0
/** Each limit is set at another time. */
const setAtNow = () => new Date(START + (settings += 1)).toISOString()

const begin = (base: QueueLimit = NONE, dispatchedPerSecond = CEILING) =>
  onReading(newGovernor(START), { limit: base, setAt: setAtNow(), dispatchedPerSecond }, START)
const down: SegmentReport = { kind: 'unavailable', status: 503 }
const accepted: SegmentReport = { kind: 'accepted' }

/** The governor after these reports, each at its second from the start. */
function after(governor: Governor, ...reports: [second: number, report: SegmentReport | null][]) {
  return reports.reduce((before, [second, report]) => {
    const now = START + second * 1000
    // As the workflow does it: what was due happens before the report.
    const due = onTime(before, now)
    return report === null ? due : onTime(onReport(due, report, now), now)
  }, governor)
}

const six = Array.from({ length: 6 }, (_, i): [number, SegmentReport] => [i, down])

describe('while Segment throttles', () => {
  test('nothing is dispatched until Retry-After is over, then half, then twice as much every 30 s, then all', () => {
    const throttled = after(begin(), [0, { kind: 'throttled', retryAfterSeconds: 20, status: 429 }])
    expect(wantedLimit(throttled)).toEqual({
      perSecond: 0,
      reason: 'Segment answered 429; activation continues at 12:00:20 UTC.',
      identity: 'governActivation/throttled/none',
    })
    expect(wantedLimit(after(throttled, [19, null])).perSecond).toBe(0)
    expect(wantedLimit(after(throttled, [20, null])).perSecond).toBe(32)
    const ended = after(throttled, [20, null], [50, null])
    expect([ended.state, wantedLimit(ended)]).toEqual(['ended', NONE])
  })

  test('a second 429 during recovery halves again', () => {
    const throttled: SegmentReport = { kind: 'throttled', retryAfterSeconds: 1 }
    const again = after(begin(), [0, throttled], [1, null], [2, throttled], [3, null])
    expect(wantedLimit(again).perSecond).toBe(16)
  })

  test('the 429s of activities under way count once, and the longest Retry-After holds', () => {
    const asked = (retryAfterSeconds: number): SegmentReport => ({
      kind: 'throttled',
      retryAfterSeconds,
    })
    const governor = after(begin(), [0, asked(5)], [1, asked(30)], [2, asked(1)])
    expect(governor).toMatchObject({ state: 'throttled', share: 1 / 2, until: START + 31_000 })
  })

  test.each([
    [undefined, 10],
    [Number.NaN, 10],
    [-5, 10],
    [0, 1],
    [1e12, 3_600],
    [Infinity, 3_600],
  ])('a Retry-After of %p is a pause of %d s', (retryAfterSeconds, seconds) => {
    const report: SegmentReport = {
      kind: 'throttled',
      ...(retryAfterSeconds !== undefined && { retryAfterSeconds }),
    }
    const governor = after(begin(), [0, report])
    expect(governor.until).toBe(START + seconds * 1000)
  })
})

describe('while Segment is unavailable', () => {
  test('the sixth failure in a row opens the breaker, and says so', () => {
    expect(after(begin(), ...six.slice(0, 5)).state).toBe('watching')
    const open = after(begin(), ...six)
    expect(wantedLimit(open)).toEqual({
      perSecond: 0,
      reason:
        'Segment answered 503 6 times without accepting a call; the next probe is at 12:00:35 UTC.',
      identity: 'governActivation/open/none',
    })
  })

  test('one acceptance between failures keeps it closed', () => {
    const mixed = six.flatMap(([second]): [number, SegmentReport][] => [
      [second * 10, down],
      [second * 10 + 1, accepted],
      [second * 10 + 2, down],
    ])
    expect(after(begin(), ...mixed)).toMatchObject({ state: 'watching', failures: 1 })
  })

  test('each failed probe doubles the pause, up to five minutes', () => {
    let governor = after(begin(), ...six)
    const pauses = Array.from({ length: 7 }, () => {
      const pause = (governor.until - governor.since) / 1000
      const due = onTime(governor, dueAt(governor))
      expect(due.state).toBe('probing')
      governor = onReport(due, down, due.since)
      return pause
    })
    expect(pauses).toEqual([30, 60, 120, 240, 300, 300, 300])
  })

  test('a probe is one activity, until it is lost', () => {
    const probing = after(begin(), ...six, [35, null])
    const now = probing.since
    expect(admissionOf(probing, null, now)).toBe('probe')
    expect(admissionOf(probing, now, now + 1)).toBe('wait')
    expect(admissionOf(probing, now, now + GOVERNOR_RULES.probeLostMs + 1)).toBe('probe')
    expect(admissionOf(after(begin(), ...six), null, now)).toBe('wait')
    expect(admissionOf(begin(), null, now)).toBe('all')
  })

  test('a probe that is throttled proves no capacity: after the pause recovery begins with an eighth', () => {
    const throttled: SegmentReport = { kind: 'throttled', retryAfterSeconds: 5 }
    const governor = after(begin(), ...six, [35, null], [36, throttled], [41, null])
    expect([governor.state, wantedLimit(governor).perSecond]).toEqual(['recovering', CEILING / 8])
  })

  test('the limit of a probe is never more than the ceiling', () => {
    const slow = begin({ perSecond: 0.1, reason: 'slow', identity: 'ann' })
    expect(wantedLimit(after(slow, ...six, [35, null])).perSecond).toBe(0.1)
  })

  test('an accepted probe is followed by steps, and by exactly what was before', () => {
    const base = { perSecond: 40, reason: '10000 calls a second', identity: 'ann' }
    let governor = after(begin(base), ...six, [35, null], [36, accepted])
    const limits: QueueLimit[] = []
    while (governor.state !== 'ended') {
      limits.push(wantedLimit(governor))
      governor = onTime(governor, dueAt(governor))
    }
    expect(limits.map(({ perSecond }) => perSecond)).toEqual([5, 10, 20])
    expect(wantedLimit(governor)).toEqual(base)
  })
})

test('a governor that saw one failure ends after an acceptance and 30 quiet seconds, and remembers a failure for ten minutes', () => {
  expect(after(begin(), [0, down], [10, accepted], [39, null]).state).toBe('watching')
  expect(after(begin(), [0, down], [10, accepted], [40, null]).state).toBe('ended')
  // A later acceptance does not make it longer.
  expect(after(begin(), [0, down], [10, accepted], [35, accepted], [40, null]).state).toBe('ended')
  expect(after(begin(), [0, down], [599, null]).state).toBe('watching')
  expect(after(begin(), [0, down], [600, null]).state).toBe('ended')
})

describe('a person', () => {
  const paused: QueueLimit = { perSecond: 0, reason: 'campaign', identity: 'ann' }

  test('who paused activation ends the governor, which then wants nothing else', () => {
    const open = { ...after(begin(), ...six), isHolding: true }
    const read = onReading(
      open,
      { limit: paused, setAt: setAtNow(), dispatchedPerSecond: 1 },
      START,
    )
    expect([read.state, wantedLimit(read)]).toEqual(['ended', paused])
  })

  test.each([NONE, { perSecond: 7, reason: 'fewer', identity: 'ben' }])(
    'whose limit is %p while the governor holds another overrules it until new trouble',
    (limit) => {
      const open = { ...after(begin(), ...six), isHolding: true }
      const read = onReading(open, { limit, setAt: setAtNow(), dispatchedPerSecond: 1 }, START)
      expect([read.state, read.failures, wantedLimit(read)]).toEqual(['watching', 0, limit])
    },
  )

  test('who sets the limit of before anew overrules the governor, and a limit that is read late does not', () => {
    const base = { perSecond: null, reason: 'resumed', identity: 'ann' }
    const setAt = setAtNow()
    const begun = onReading(
      newGovernor(START),
      { limit: base, setAt, dispatchedPerSecond: 1 },
      START,
    )
    const open = { ...after(begun, ...six), isHolding: true }
    const late = onReading(open, { limit: base, setAt, dispatchedPerSecond: 1 }, START)
    expect(late).toEqual(open)
    const anew = onReading(open, { limit: base, setAt: setAtNow(), dispatchedPerSecond: 1 }, START)
    expect(anew.state).toBe('watching')
  })

  test('is told apart from the governor by the identity', () => {
    expect(governedBy(governorIdentity('open', 2.5))).toEqual({ state: 'open', base: 2.5 })
    expect(governedBy(governorIdentity('probing', null))).toEqual({ state: 'probing', base: null })
    for (const name of [
      'ann',
      '',
      'governActivation',
      'governActivation/x/none',
      'governActivation/open/',
    ])
      expect(governedBy(name)).toBeNull()
  })
})

test('the identity of the governor says its state and every limit that it is to restore', () => {
  const perSecond = fc.oneof(fc.double({ min: 0, noNaN: true, noDefaultInfinity: true }), fc.nat())
  fc.assert(
    fc.property(fc.constantFrom(...GOVERNOR_STATES), fc.option(perSecond), (state, base) => {
      const read = governedBy(governorIdentity(state, base))
      expect(read).toEqual({ state, base: base === 0 ? 0 : base })
    }),
  )
})

test.each([
  'ann/governActivation/open/none',
  'governActivation/open/none/ann',
  'governActivation/open/none ',
  'GovernActivation/open/none',
  'governActivation/watching/none',
  'governActivation/ended/5',
  'governActivation/open/x5',
  'governActivation/open/-',
  'governActivation/open/1e999',
])('the limit of %j is not one of the governor', (identity) => {
  expect(governedBy(identity)).toBeNull()
})

const HOUR: SegmentReport = { kind: 'throttled', retryAfterSeconds: 3_600, status: 429 }
const many = Array.from({ length: 8 }, (_, i): [number, SegmentReport] => [i, down])

test.each<[what: string, reports: [number, SegmentReport | null][], reason: string]>([
  [
    'a 429 until another hour',
    [[0, HOUR]],
    'Segment answered 429; activation continues at 13:00:00 UTC.',
  ],
  [
    'throttling without a status',
    [[0, { kind: 'throttled' }]],
    'Segment did not answer; activation continues at 12:00:10 UTC.',
  ],
  [
    'an outage with answers',
    many,
    'Segment answered 503 6 times without accepting a call; the next probe is at 12:00:35 UTC.',
  ],
  [
    'an outage without answers',
    many.map(([second]) => [second, { kind: 'unavailable' }]),
    'Segment did not answer 6 times without accepting a call; the next probe is at 12:00:35 UTC.',
  ],
  [
    'a probe',
    [...six, [35, null]],
    'Segment answered 503 6 times without accepting a call; the next activity is a probe of one request.',
  ],
  [
    'a probe that failed after an acceptance',
    [...six, [35, null], [36, accepted], [37, HOUR], [4_000, null]],
    'Segment accepts calls again; the limit doubles every 30 seconds without trouble.',
  ],
])('the reason of the limit says what happened: %s', (_, reports, reason) => {
  expect(wantedLimit(after(begin(), ...reports)).reason).toBe(reason)
})

test.each<[base: number | null, dispatched: number, state: string, perSecond: number]>([
  [null, 64, 'recovering', 8],
  [null, 0, 'recovering', 1],
  [40, 64, 'recovering', 5],
  [4, 64, 'recovering', 1],
  [0.4, 64, 'recovering', 0.4],
  [40, 64, 'probing', 0.5],
  [0.4, 64, 'probing', 0.4],
])(
  'with a limit of %p and %d dispatched activities a second, %s begins with %d a second',
  (base, dispatched, state, perSecond) => {
    const limit = { perSecond: base, reason: '', identity: 'ann' }
    const probing = after(begin(limit, dispatched), ...six, [35, null])
    const governor = state === 'probing' ? probing : onReport(probing, accepted, probing.since)
    expect([governor.state, wantedLimit(governor).perSecond]).toEqual([state, perSecond])
  },
)

test('repeated throttling lets through a sixty-fourth at the least', () => {
  let governor = begin(NONE, 6_400)
  const limits = Array.from({ length: 8 }, (_, i) => {
    const now = START + i * 60_000
    governor = onTime(onReport(governor, { kind: 'throttled', retryAfterSeconds: 1 }, now), now)
    governor = onTime(governor, now + 1_000)
    return wantedLimit(governor).perSecond
  })
  expect(limits).toEqual([3_200, 1_600, 800, 400, 200, 100, 100, 100])
})

test('a new governor restores what one that was terminated would have restored', () => {
  const left = { perSecond: 0, reason: 'x', identity: governorIdentity('open', 12) }
  const governor = onReading(
    newGovernor(START),
    { limit: left, setAt: setAtNow(), dispatchedPerSecond: 0 },
    START,
  )
  expect(wantedLimit(governor)).toMatchObject({ perSecond: 12, identity: 'governActivation' })
})

describe('the governor and the model of its rules', () => {
  const SECONDS = 900
  const report = fc.oneof(
    { weight: 4, arbitrary: fc.constant(down) },
    { weight: 1, arbitrary: fc.constant(accepted) },
    {
      weight: 1,
      arbitrary: fc
        .integer({ min: 0, max: 4_000 })
        .map((retryAfterSeconds): SegmentReport => ({ kind: 'throttled', retryAfterSeconds })),
    },
    {
      weight: 1,
      arbitrary: fc.constant<SegmentReport>({ kind: 'throttled', retryAfterSeconds: 2 }),
    },
  )
  /** Seconds between reports: bursts, and pauses longer than those of the breaker. */
  const gap = fc.oneof(fc.integer({ min: 0, max: 8 }), fc.integer({ min: 20, max: 400 }))
  const timeline = fc
    .tuple(
      // Half of the timelines begin with an outage, so that probes are answered in every way.
      fc.constantFrom(
        [],
        six.map(([second]): [number, SegmentReport] => [second, down]),
      ),
      fc.array(fc.tuple(gap, report), { maxLength: 60 }),
    )
    .map(([outage, others]) => {
      const steps = [...outage, ...others]
      let at = 0
      return steps.map(([seconds, one]): TimedReport => ({ at: (at += seconds), report: one }))
    })

  test('set the same limit at every second, whatever is reported', () => {
    fc.assert(
      fc.property(timeline, (reports) => {
        expect(simulate(reports, SECONDS)).toEqual(limitsBySecond(reports, SECONDS))
      }),
      { numRuns: 500 },
    )
  })

  /** Runs the governor as its workflow does: a report of trouble starts one, and it ends by itself. */
  function simulate(reports: readonly TimedReport[], seconds: number): Expected[] {
    let governor: Governor | null = null
    return Array.from({ length: seconds + 1 }, (_, second) => {
      const now = START + second * 1000
      for (const { report: one } of reports.filter(({ at }) => at === second)) {
        if (governor === null && one.kind === 'accepted') continue
        governor ??= onReading(
          newGovernor(now),
          { limit: NONE, setAt: setAtNow(), dispatchedPerSecond: CEILING },
          now,
        )
        governor = onReport(governor, one, now)
      }
      if (governor !== null) governor = onTime(governor, now)
      if (governor?.state === 'ended') governor = null
      return governor === null ? null : shareOf(governor)
    })
  }

  function shareOf(governor: Governor): Expected {
    const { perSecond } = wantedLimit(governor)
    if (governor.state === 'probing') return 'probe'
    return perSecond === null ? null : perSecond / CEILING
  }
})

test('a governor that has ended takes no report, so that it is not begun again behind its back', () => {
  const ended = after(begin(), [31, null])
  expect(ended.state).toBe('ended')
  for (const report of [down, accepted, { kind: 'throttled' } as const])
    expect(onReport(ended, report, START + 40_000)).toBe(ended)
})

test('what the governor waits for is as its decision record says', () => {
  expect(GOVERNOR_RULES).toMatchObject({
    failuresToOpen: 6,
    stepMs: 30_000,
    rememberMs: 10 * 60_000,
    firstPauseMs: 30_000,
    longestPauseMs: 5 * 60_000,
    retryAfterSeconds: 10,
    longestRetryAfterSeconds: 3_600,
    probePerSecond: 0.5,
    leastPerSecond: 1,
    firstShare: 1 / 8,
  })
})
