// The governor of activation: how the limit of the activation queue follows what Segment answers. Pure; imports nothing but the limit.

import {
  type GovernorState,
  governedBy,
  governorIdentity,
  type QueueLimit,
  type QueueReading,
} from './activation-limit.ts'

/** What an activity tells the governor of an answer of Segment. */
export type SegmentReport =
  | { readonly kind: 'accepted' }
  | { readonly kind: 'throttled'; readonly retryAfterSeconds?: number; readonly status?: number }
  | { readonly kind: 'unavailable'; readonly status?: number }

/** The governor between two reports. Times are milliseconds since 1970. */
export type Governor = {
  readonly state: 'watching' | GovernorState | 'ended'
  /** When the state, or the step of recovery, began. */
  readonly since: number
  /** When the pause of `throttled` and `open` ends. */
  readonly until: number
  /** When Segment last failed or throttled; null once it has accepted calls after that. */
  readonly troubleAt: number | null
  /** Reports of failures since the last acceptance. */
  readonly failures: number
  /** How often the breaker opened. */
  readonly openings: number
  /** Of `ceiling`: what recovery lets through. */
  readonly share: number
  /** The HTTP status of the last trouble; null where Segment did not answer. */
  readonly status: number | null
  /** The limit that applies without the governor; null until it was read. */
  readonly base: QueueLimit | null
  /** When that limit was set. */
  readonly baseSetAt: string | null
  /** Activities a second at which recovery ends. */
  readonly ceiling: number
  /** True from the first change of the limit until it is restored. */
  readonly isHolding: boolean
}

export const GOVERNOR_RULES = {
  /** Failures in a row, over all workers, that open the breaker. Each thread reports one in five seconds at most. */
  failuresToOpen: 6,
  /** A step of recovery, and how long all must be well before the governor ends. */
  stepMs: 30_000,
  /** A failure without an acceptance after it is remembered for this long: idle pipelines retry every few minutes. */
  rememberMs: 600_000,
  firstPauseMs: 30_000,
  longestPauseMs: 300_000,
  /** Of a 429 that does not say how long. */
  retryAfterSeconds: 10,
  longestRetryAfterSeconds: 3_600,
  /** Activities a second during a probe: the server needs a few seconds to let the first one through. */
  probePerSecond: 0.5,
  /** A request has 10 s to answer, and isolating one bad call of a chunk takes some twenty requests. */
  probeLostMs: 240_000,
  /** Recovery begins with no less, where the ceiling allows it. */
  leastPerSecond: 1,
  /** Of the ceiling: where recovery begins after an outage, and the least after repeated throttling. */
  firstShare: 1 / 8,
  leastShare: 1 / 64,
} as const

const RULES = GOVERNOR_RULES

export const newGovernor = (now: number): Governor => ({
  state: 'watching',
  since: now,
  until: 0,
  troubleAt: null,
  failures: 0,
  openings: 0,
  share: 1,
  status: null,
  base: null,
  baseSetAt: null,
  ceiling: RULES.leastPerSecond,
  isHolding: false,
})

/** The governor after one report. */
export function onReport(before: Governor, report: SegmentReport, now: number): Governor {
  if (before.state === 'ended') return before
  if (report.kind === 'accepted') return onAccepted(before, now)
  const status = report.status ?? null
  if (report.kind === 'throttled') {
    const until = now + retryAfterMs(report.retryAfterSeconds)
    return onThrottled({ ...before, troubleAt: now }, { until, status }, now)
  }
  // Activities that were under way when the breaker opened say nothing new.
  if (before.state === 'open') return before
  return onFailure({ ...before, troubleAt: now, failures: before.failures + 1 }, status, now)
}

function onAccepted(before: Governor, now: number): Governor {
  const well = { ...before, failures: 0, troubleAt: null }
  if (before.state === 'open' || before.state === 'probing') {
    return { ...well, state: 'recovering', since: now, share: RULES.firstShare }
  }
  // The quiet time counts from the acceptance that ended the trouble.
  if (before.state === 'watching' && before.troubleAt !== null) return { ...well, since: now }
  return well
}

type Throttling = { readonly until: number; readonly status: number | null }

function onThrottled(before: Governor, { until, status }: Throttling, now: number): Governor {
  // Activities that were under way report the same throttling: it counts once.
  if (before.state === 'throttled' || before.state === 'open') {
    return { ...before, until: Math.max(before.until, until) }
  }
  const share = before.state === 'probing' ? RULES.firstShare : before.share / 2
  const began = { since: now, until, failures: 0, share: atLeast(share) }
  return { ...before, ...began, state: 'throttled', status }
}

const atLeast = (share: number) => Math.max(RULES.leastShare, share)

function retryAfterMs(seconds: number | undefined): number {
  const asked = seconds !== undefined && seconds >= 0 ? seconds : RULES.retryAfterSeconds
  return Math.min(Math.max(asked, 1), RULES.longestRetryAfterSeconds) * 1000
}

function onFailure(before: Governor, status: number | null, now: number): Governor {
  const isPersistent = before.failures >= RULES.failuresToOpen
  if (before.state !== 'probing' && !isPersistent) return before
  const openings = before.openings + 1
  const until = now + pauseMs(openings)
  return { ...before, state: 'open', since: now, until, openings, status }
}

/** 30 s, and twice as long each time, up to five minutes. */
const pauseMs = (openings: number) =>
  Math.min(RULES.firstPauseMs * 2 ** (openings - 1), RULES.longestPauseMs)

/** The governor at this time, where nothing was reported meanwhile. */
export function onTime(before: Governor, now: number): Governor {
  if (now < dueAt(before)) return before
  if (before.state === 'watching') return { ...before, state: 'ended', since: now }
  if (before.state === 'open') return { ...before, state: 'probing', since: now }
  if (before.state === 'throttled') {
    return { ...before, state: 'recovering', since: now, troubleAt: null }
  }
  const share = before.share * 2
  if (isWhole(before, share)) return { ...before, state: 'ended', since: now, share: 1 }
  return { ...before, since: now, share, troubleAt: null }
}

const isWhole = ({ ceiling }: Governor, share: number) =>
  share >= 1 || ceiling <= RULES.leastPerSecond

/** When `onTime` changes the governor next: Infinity while only a report can. */
export function dueAt({ state, since, until, troubleAt }: Governor): number {
  if (state === 'throttled' || state === 'open') return until
  if (state === 'recovering') return Math.max(since, troubleAt ?? 0) + RULES.stepMs
  if (state === 'watching') {
    return troubleAt === null ? since + RULES.stepMs : troubleAt + RULES.rememberMs
  }
  return Infinity
}

/**
 * Takes into account what the queue's limit is now. A limit that the governor did not set is a person's: it becomes the base, and
 * where the governor was holding the limit, the person has overruled it.
 */
export function onReading(before: Governor, reading: QueueReading, now: number): Governor {
  // For a moment after a change, the server may still tell the limit that was before it.
  if (before.isHolding && reading.setAt === before.baseSetAt) return before
  const own = governedBy(reading.limit.identity)
  const base = own ? (before.base ?? inherited(own.base)) : reading.limit
  const baseSetAt = own ? before.baseSetAt : reading.setAt
  if (base.perSecond === 0) return { ...before, base, baseSetAt, state: 'ended', isHolding: false }
  if (before.isHolding && !own) {
    return { ...newGovernor(now), base, baseSetAt, openings: before.openings }
  }
  const ceiling = before.isHolding
    ? before.ceiling
    : (base.perSecond ?? Math.max(reading.dispatchedPerSecond, RULES.leastPerSecond))
  return { ...before, base, baseSetAt, ceiling, isHolding: before.isHolding || own !== null }
}

/** What an earlier governor would have restored, had it not been terminated. */
const inherited = (perSecond: number | null): QueueLimit => ({
  perSecond,
  reason: 'As it was before Segment failed.',
  identity: 'governActivation',
})

/** What an activity may send that starts now: everything, one request as the probe, or nothing, since another one is the probe. */
export type Admission = 'all' | 'probe' | 'wait'

/** @param claimedAt when an activity took this probe; null where none did */
export function admissionOf({ state }: Governor, claimedAt: number | null, now: number): Admission {
  if (state === 'open') return 'wait'
  if (state !== 'probing') return 'all'
  // A probe whose worker died says nothing.
  return claimedAt === null || now - claimedAt > RULES.probeLostMs ? 'probe' : 'wait'
}

/** The limit that the governor wants now. */
export function wantedLimit(governor: Governor): QueueLimit {
  const { state, base } = governor
  if (base === null) throw new Error('the limit of the queue must be read first')
  if (state === 'watching' || state === 'ended') return base
  const identity = governorIdentity(state, base.perSecond)
  return { perSecond: perSecondOf(governor), reason: reasonOf(governor), identity }
}

function perSecondOf({ state, ceiling, share }: Governor): number {
  if (state === 'probing') return Math.min(RULES.probePerSecond, ceiling)
  if (state !== 'recovering') return 0
  const least = Math.min(RULES.leastPerSecond, ceiling)
  return Math.round(Math.max(least, ceiling * share) * 1000) / 1000
}

function reasonOf(governor: Governor): string {
  const { state, failures, until } = governor
  if (state === 'throttled') {
    return `Segment ${answered(governor)}; activation continues at ${clock(until)}.`
  }
  if (state === 'recovering') {
    return `Segment accepts calls again; the limit doubles every ${RULES.stepMs / 1000} seconds without trouble.`
  }
  const times = failures === 1 ? 'once' : `${failures} times`
  const since = `Segment ${answered(governor)} ${times} without accepting a call`
  if (state === 'probing') return `${since}; the next activity is a probe of one request.`
  return `${since}; the next probe is at ${clock(until)}.`
}

const answered = ({ status }: Governor) =>
  status === null ? 'did not answer' : `answered ${status}`

/** For example `12:05:30 UTC`. */
const clock = (time: number) => `${new Date(time).toISOString().slice(11, 19)} UTC`
