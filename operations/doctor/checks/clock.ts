// Compares the clock of this machine with the clocks of the services, by the Date header of their answers.

import { monotonicMs, wallClockMs } from '#runtime/clock'
import { error, type Finding, type Report, warning } from '../finding.ts'
import type { Site } from '../site.ts'

/** A clock that is kept by NTP is within a fraction of a second; the header has whole seconds. */
const WARN_MS = 5_000

/** Google refuses tokens that are signed at another time, and timestamps of the pipeline are compared with Pub/Sub's. */
const REFUSE_MS = 60_000

const TIMEOUT_MS = 5_000
const GOOGLE = 'https://bigquery.googleapis.com'
const SEGMENT = 'https://api.segment.io'

/** A service that does not answer is reported by its own check, and left out here. */
export async function checkClock({ environment }: Site): Promise<Report> {
  const services = [
    ['BigQuery', environment['BIGQUERY_EMULATOR_HOST'] || GOOGLE],
    ['Segment', environment['SEGMENT_HOST'] || SEGMENT],
  ] as const
  const skews = await Promise.all(
    services.map(async ([name, address]) => ({ name, ms: await readSkew(address) })),
  )
  const known = skews.flatMap(({ name, ms }) => (ms === null ? [] : [{ name, ms }]))
  if (known.length === 0) return { skipped: 'no service answered with the time of day' }
  return {
    seen: `the clocks of ${known.map(({ name }) => name).join(' and ')}`,
    findings: known.flatMap(({ name, ms }) => judgeSkew(name, ms)),
  }
}

/** @param ms how far this machine is ahead of the service, in milliseconds; negative where it is behind. Pure. */
export function judgeSkew(name: string, ms: number): Finding[] {
  const apart = Math.abs(ms)
  if (apart < WARN_MS) return []
  const direction = ms > 0 ? 'ahead of' : 'behind'
  const finding = apart < REFUSE_MS ? warning : error
  return [
    finding(
      'the clock of this machine',
      `It is ${Math.round(apart / 1000)} s ${direction} the clock of ${name}.`,
      'Synchronise it by NTP, for example `timedatectl set-ntp true`.',
    ),
  ]
}

/** @returns null where there is no answer, or it does not tell the time */
async function readSkew(address: string): Promise<number | null> {
  const began = monotonicMs()
  const signal = AbortSignal.timeout(TIMEOUT_MS)
  const sent = { method: 'HEAD', redirect: 'manual', signal } as const
  const response = await fetch(new URL('/', address), sent).catch(() => null)
  const time = Date.parse(response?.headers.get('date') ?? '')
  if (Number.isNaN(time)) return null
  const oneWayMs = (monotonicMs() - began) / 2
  // The header is cut to the second: on average, half a second has passed since.
  return wallClockMs() - oneWayMs - (time + 500)
}
