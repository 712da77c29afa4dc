// Observes how long ago messages were published, for the histograms of latency.

import type { Message } from '#contracts'
import { REPLAY_OF } from '#contracts/lineage'
import { wallClockMs } from '#runtime/clock'
import type { Histogram, Observation } from '#runtime/metrics/instruments'

type Published = { readonly message: Pick<Message, 'publishTime' | 'redrivenAt' | 'attributes'> }

/** Records the age of each message, in seconds. A message that is replayed from the audit log is left out: it was recorded before. */
export function observeAge(
  histogram: Pick<Histogram, 'record'>,
  published: readonly Published[],
): void {
  const own = published.filter((one) => !isReplay(one))
  if (own.length > 0) histogram.record(agesOf(own, wallClockMs()))
}

/** The bridge gives a replay the time of the replay. The attribute alone may come from a partner. */
const isReplay = ({ message }: Published) =>
  message.redrivenAt !== undefined && message.attributes[REPLAY_OF] !== undefined

/** Neighbours that were published at the same time, as those of one request are, are one observation. Pure. @param nowMs of the wall clock */
export function agesOf(published: readonly Published[], nowMs: number): Observation[] {
  const ages: [age: number, times: number][] = []
  let last = ''
  for (const { message } of published) {
    const newest = ages.at(-1)
    if (newest && message.publishTime === last) newest[1] += 1
    else ages.push([Math.max(0, nowMs - Date.parse(message.publishTime)) / 1000, 1])
    last = message.publishTime
  }
  return ages
}
