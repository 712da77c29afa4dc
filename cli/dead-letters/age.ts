// How long ago something was, as people say it.

import { wallClockMs } from '#runtime/clock'

const UNITS = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
] as const

/** `3d`, `5h`, `12m` or `40s`. @param time RFC 3339 */
export function ageOf(time: string, now = wallClockMs()): string {
  const ms = Math.max(0, now - Date.parse(time))
  const unit = UNITS.find(([, size]) => ms >= size)
  return unit ? `${Math.floor(ms / unit[1])}${unit[0]}` : `${Math.floor(ms / 1000)}s`
}
