// What the sinks have counted, asked from outside.

import { z } from 'zod'
import { ask } from './ask.ts'
import type { SinkCount, SinkName } from './load/tally.ts'

export type Counts = Readonly<Record<SinkName, SinkCount>>

export type Sinks = {
  /** Of insertAll and of Segment. */
  readonly url: string
  /** Of the Storage Write API. */
  readonly storageAddress: string
  /** Forgets everything and expects events numbered from 0. */
  reset(expected: number): Promise<void>
  counts(): Promise<Counts>
  /** Answers one of so many requests to Segment with 500 and one with 429; 0: none. Returns how many were since the start. */
  failSegment(every: number): Promise<number>
  /** Milliseconds from sending to arrival, by group of events. */
  latencies(sink: SinkName): Promise<Readonly<Record<string, readonly number[]>>>
}

const sinkCount = z
  .object({ rows: z.number(), distinct: z.number(), bytes: z.number(), lastAt: z.number() })
  .default({ rows: 0, distinct: 0, bytes: 0, lastAt: 0 })

const counts = z.object({
  audit_log: sinkCount,
  staging: sinkCount,
  staged_cancellation: sinkCount,
  activation_log: sinkCount,
  activation_sending: sinkCount,
  order_query: sinkCount,
  segment: sinkCount,
  batch_ledger: sinkCount,
  batch_receipt: sinkCount,
  dead_letter: sinkCount,
  dead_letter_log: sinkCount,
})
const faults = z.object({ faults: z.number() })
const latencies = z.record(z.string(), z.array(z.number()))

/** @param addresses as the sinks print them: the URL of the HTTP sinks and the address of the gRPC one */
export function sinksAt(addresses: string): Sinks {
  const [url = '', storageAddress = ''] = addresses.split(' ')
  return {
    url,
    storageAddress,
    reset: async (expected) => {
      await ask(`${url}/_reset?expected=${expected}`)
    },
    failSegment: async (every) =>
      faults.parse(await ask(`${url}/_fail-segment?every=${every}`)).faults,
    counts: async () => counts.parse(await ask(`${url}/_counts`)),
    latencies: async (sink) => latencies.parse(await ask(`${url}/_latencies?sink=${sink}`)),
  }
}
