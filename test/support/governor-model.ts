// A reference model of the governor, written from its rules alone: what limit the queue has at any second, by the reports so far.
// It moves in steps of one second and remembers all reports, where the governor keeps a few numbers.

import type { SegmentReport } from '#contracts'

export type TimedReport = { readonly at: number; readonly report: SegmentReport }

type Mode =
  | { readonly name: 'free' }
  | { readonly name: 'stopped'; readonly until: number; readonly isBreaker: boolean }
  | { readonly name: 'probing' }
  | { readonly name: 'climbing'; readonly eighths: number; readonly since: number }

/** The limits by second, as a share of the ceiling; null is without the governor, and 'probe' the limit of a probe. */
export type Expected = number | null | 'probe'

/** @returns the expected limit after each second from 0 to `seconds` */
export function limitsBySecond(reports: readonly TimedReport[], seconds: number): Expected[] {
  const limits: Expected[] = []
  let mode: Mode = { name: 'free' }
  const run = { failures: 0, openings: 0, share: 1, quietSince: 0 }
  for (let second = 0; second <= seconds; second += 1) {
    for (const { report } of reports.filter(({ at }) => at === second)) {
      mode = afterReport(mode, report, second, run)
    }
    mode = afterSecond(mode, second, run)
    limits.push(limitOf(mode))
  }
  return limits
}

type Run = { failures: number; openings: number; share: number; quietSince: number }

function afterReport(mode: Mode, report: SegmentReport, second: number, run: Run): Mode {
  if (report.kind === 'accepted') {
    run.failures = 0
    // The last trouble is over, so that a step of recovery waits no longer for it.
    run.quietSince = 0
    const isBroken = mode.name === 'probing' || (mode.name === 'stopped' && mode.isBreaker)
    if (!isBroken) return mode
    run.share = 1 / 8
    return { name: 'climbing', eighths: 1, since: second }
  }
  if (report.kind === 'throttled') {
    const pause = Math.min(Math.max(report.retryAfterSeconds ?? 10, 1), 3_600)
    run.quietSince = second
    if (mode.name === 'stopped') {
      return { ...mode, until: Math.max(mode.until, second + pause) }
    }
    run.failures = 0
    run.share = mode.name === 'probing' ? 1 / 8 : Math.max(run.share / 2, 1 / 64)
    return { name: 'stopped', until: second + pause, isBreaker: false }
  }
  if (mode.name === 'stopped' && mode.isBreaker) return mode
  run.failures += 1
  run.quietSince = second
  if (mode.name !== 'probing' && run.failures < 6) return mode
  const pause = [30, 60, 120, 240][run.openings] ?? 300
  run.openings += 1
  return { name: 'stopped', until: second + pause, isBreaker: true }
}

function afterSecond(mode: Mode, second: number, run: Run): Mode {
  if (mode.name === 'stopped' && second >= mode.until) {
    if (mode.isBreaker) return { name: 'probing' }
    run.quietSince = 0
    return { name: 'climbing', eighths: run.share * 8, since: second }
  }
  if (mode.name === 'free' && second >= run.quietSince + 600) run.failures = 0
  if (mode.name !== 'climbing') return mode
  if (second < Math.max(mode.since, run.quietSince) + 30) return mode
  run.quietSince = 0
  run.share = Math.min(1, run.share * 2)
  if (run.share < 1) return { name: 'climbing', eighths: run.share * 8, since: second }
  Object.assign(run, { failures: 0, openings: 0 })
  return { name: 'free' }
}

function limitOf(mode: Mode): Expected {
  if (mode.name === 'free') return null
  if (mode.name === 'stopped') return 0
  return mode.name === 'probing' ? 'probe' : mode.eighths / 8
}
