// What a benchmark sends, waits for and computes, with stand-ins for its pipeline and its sinks.

import { setImmediate } from 'node:timers/promises'
import { expect, test } from '@jest/globals'
import type { Client } from '@temporalio/client'
import {
  type Bench,
  floodOfOne,
  floodOfStrangers,
  measureFlood,
  measureRedrive,
} from '../../../bench/dead-letters.ts'
import { drain } from '../../../bench/drain.ts'
import { stepOf } from '../../../bench/growth.ts'
import { latencyBenchOf } from '../../../bench/latency.ts'
import type { SteadyLoad } from '../../../bench/load/publish-steadily.ts'
import { publishSteadily } from '../../../bench/load/publish-steadily.ts'
import type { SinkCount, SinkName } from '../../../bench/load/tally.ts'
import { countBatches, openLetters } from '../../../bench/open-letters.ts'
import { environmentOf } from '../../../bench/rig.ts'
import { measureFaults } from '../../../bench/segment-faults.ts'
import { send } from '../../../bench/send.ts'
import type { Counts, Sinks } from '../../../bench/sinks-client.ts'
import { watched } from '../../../bench/usage.ts'
import { withResolvers } from '../../../workers/isolation/with-resolvers.ts'
import { waitFor } from '../../support/wait-for.ts'

const NONE: SinkCount = { rows: 0, distinct: 0, bytes: 0, lastAt: 0 }

const countsOf = (some: Partial<Record<SinkName, Partial<SinkCount>>>): Counts =>
  Object({
    ...Object.fromEntries(
      [
        'audit_log',
        'staging',
        'staged_cancellation',
        'activation_log',
        'activation_sending',
        'order_query',
        'segment',
        'batch_ledger',
        'batch_receipt',
        'dead_letter',
        'dead_letter_log',
      ].map((name) => [name, NONE]),
    ),
    ...Object.fromEntries(
      Object.entries(some).map(([name, count]) => [name, { ...NONE, ...count }]),
    ),
  })

const distinct = (some: Partial<Record<SinkName, number>>) =>
  countsOf(
    Object.fromEntries(
      Object.entries(some).map(([name, events]) => [name, { distinct: events, rows: events }]),
    ),
  )

type Published = Omit<SteadyLoad, 'topic'>

/** Sinks that have these counts, one after the other, and then the last one; and a pipeline that notes what is published. */
function world(
  answers: readonly Counts[],
  latencies: Readonly<Partial<Record<SinkName, object>>> = {},
) {
  const journal: string[] = []
  const published: Published[] = []
  const left = [...answers]
  const sinks: Sinks = {
    url: 'http://sinks',
    storageAddress: 'sinks:1',
    reset: async (expected) => void journal.push(`reset ${expected}`),
    counts: async () => {
      journal.push('counts')
      const next = left.length > 1 ? left.shift() : left[0]
      if (!next) throw new Error('the test has no counts')
      return next
    },
    failSegment: async (every) => {
      journal.push(`fail ${every}`)
      return 17
    },
    latencies: async (sink) => Object(latencies[sink] ?? {}),
  }
  const live = {
    publish: async (load: Published) => {
      published.push(load)
      const count = load.rate * load.seconds
      return { published: count, next: load.first + count }
    },
  }
  return { rig: { sinks }, live, journal, published }
}

const POOL = { make: () => ({ partner: 'p', data: Buffer.of(), attributes: {} }), meanBytes: 0 }
const load = (rate: number, group: string, more = {}) => ({
  pool: POOL,
  rate,
  seconds: 10,
  group,
  ...more,
})

test('loads are sent after a warm-up of three seconds that is in no figure, each with numbers of its own', async () => {
  const everywhere = distinct({
    audit_log: 1_300 + 130,
    staging: 1_300,
    staged_cancellation: 300,
    segment: 1_000,
    activation_log: 1_300,
    dead_letter: 130,
  })
  const { rig, live, published, journal } = world([everywhere])
  const loads = [load(100, 'u'), load(10, 'i', { isInvalid: true })]
  expect(await send({ rig, live }, loads, { what: 'a test' })).toEqual({
    measured: 1_100,
    valid: 1_300,
    invalid: 130,
  })
  // Of five partners, and with as much to spare: a load of one partner skips the numbers of the others.
  const range = (1_300 + 130) * 5 * 2
  expect(journal).toEqual([`reset ${2 * range}`, 'counts'])
  expect(published.map(({ group, seconds, first }) => [group, seconds, first])).toEqual([
    ['w', 3, 0],
    ['w', 3, range],
    ['u', 10, 300],
    ['i', 10, range + 30],
  ])
})

test('events that are missing at a sink are waited for, and told where they never come', async () => {
  const all = {
    audit_log: 143,
    staging: 130,
    staged_cancellation: 30,
    segment: 100,
    activation_log: 130,
    dead_letter: 13,
  }
  const loads = [load(10, 'u'), load(1, 'i', { isInvalid: true })]
  const waitsFor = async (sink: Exclude<keyof typeof all, 'staged_cancellation'>) => {
    const before = distinct({ ...all, [sink]: all[sink] - 1 })
    const late = world([before, distinct(all)])
    await send(late, loads, { what: 'a test' })
    expect([sink, ...late.journal.slice(1)]).toEqual([sink, 'counts', 'counts'])
    const never = send(world([before]), loads, { what: 'a test', arriveWithinMs: -1 })
    await expect(never).rejects.toThrow(
      `events did not arrive: ${JSON.stringify([{ sink, events: 1 }])}`,
    )
  }
  const sinks = ['audit_log', 'staging', 'segment', 'activation_log', 'dead_letter'] as const
  await Promise.all(sinks.map(waitsFor))
})

test('what is beside the loads begins before them, has the first numbers, and is waited for', async () => {
  const all = { audit_log: 13, staging: 113, segment: 113, activation_log: 113 }
  const { rig, live, published, journal } = world([distinct({}), distinct(all)])
  const { promise: working, resolve: end } = withResolvers<null>()
  const work = () => {
    journal.push('work')
    return working
  }
  const sending = send({ rig, live }, [load(1, 'u')], {
    what: 'a test',
    beside: { events: 100, work },
  })
  await waitFor(() => journal.filter((line) => line === 'counts').length === 3, 'all to arrive')
  expect(journal.slice(0, 2)).toEqual([`reset ${100 + 130}`, 'work'])
  expect(published.map(({ first }) => first)).toEqual([100, 103])
  expect(await Promise.race([sending, setImmediate('under way')])).toBe('under way')
  end(null)
  await sending
})

test('a drain takes from the full subscription to the last row and call, at every sink', async () => {
  let filledAt = 0
  const count = 1_000
  const { rig } = world([])
  const done = { distinct: count, rows: count }
  const polls: number[] = []
  const counts = async () => {
    polls.push(polls.length)
    return countsOf({
      audit_log: done,
      staging: { ...done, lastAt: filledAt + 1_000 },
      staged_cancellation: { distinct: 200 },
      segment: { distinct: 800, lastAt: filledAt + 100_000 },
      activation_log: done,
      activation_sending: { distinct: 800 },
    })
  }
  const subscriptions = {
    address: 'localhost:1',
    fill: async () => {
      filledAt = Date.now()
    },
    // The acknowledgements are the last that is waited for.
    state: async () => ({ acknowledged: polls.length < 2 ? count - 1 : count, meanBytes: 0 }),
  }
  const progress: number[] = []
  const drained = await drain(
    { sinks: { ...rig.sinks, counts }, subscriptions },
    { subscription: 's', events: count, onProgress: (at) => progress.push(at) },
  )
  expect(progress).toEqual([count - 1, count])
  expect(drained.seconds).toBeGreaterThanOrEqual(100)
  expect(drained.seconds).toBeLessThan(200)
  expect(drained.eventsPerSecond).toBeCloseTo(count / drained.seconds)
})

test('calls of which no record was made before them make a drain fail', async () => {
  const done = { distinct: 10 }
  const { rig } = world([
    countsOf({
      audit_log: done,
      staging: done,
      segment: done,
      activation_log: done,
      activation_sending: { distinct: 9 },
    }),
  ])
  const state = async () => ({ acknowledged: 10, meanBytes: 0 })
  const subscriptions = { address: '', fill: async () => {}, state }
  await expect(drain({ ...rig, subscriptions }, { subscription: 's', events: 10 })).rejects.toThrow(
    '1 calls were sent without a record before it',
  )
})

const COUNTED = countsOf({
  audit_log: { distinct: 1e9, bytes: 1_000 },
  staging: { distinct: 1e9, bytes: 200 },
  activation_log: { distinct: 1e9, bytes: 30 },
  activation_sending: { bytes: 4 },
  segment: { distinct: 1e9, bytes: 1e6 },
  order_query: { bytes: 1e6 },
  batch_ledger: { bytes: 0.5 },
})

test('a step of growth is the median of its runs, and cost is told by the event', () => {
  const run = (eventsPerSecond: number) => ({ eventsPerSecond, seconds: 1, counts: COUNTED })
  const usages = [
    { cpuSeconds: 2, peakBytes: 191_400_000 },
    { cpuSeconds: 3, peakBytes: 292_600_000 },
    { cpuSeconds: 5, peakBytes: 250_000_000 },
  ]
  const batch = { events: 2_000, historyBytes: 164_900, actions: 3 }
  const of = { backlog: 10_000, batch }
  expect(stepOf([run(100.4), run(300), run(200.6)], usages, of)).toEqual({
    backlog: 10_000,
    eventsPerSecond: 201,
    bridgePeakMegabytes: 191,
    workerPeakMegabytes: 293,
    cpuSecondsPerMillionEvents: 333,
    historyBytesPerEvent: 82,
    actionsPerThousandEvents: 1.5,
    rowBytesPerEvent: (3 * 1_234.5) / 30_000,
    batch,
  })
})

const spreadOf = (value: number) => ({ p50: value, p99: value, p999: value })

test('latency is of the measured events at both sinks, and batches have as many events as were staged for one', async () => {
  const counts = countsOf({ ...COUNTED, batch_ledger: { rows: 4 }, staging: { distinct: 1e9 } })
  const { rig, live } = world([counts], {
    staging: { u: [7], w: [1_000] },
    segment: { u: [9], w: [1_000] },
  })
  expect(await latencyBenchOf(Object({ rig, live }), () => POOL).measure(100, 10)).toEqual({
    rate: 100,
    events: 1_000,
    staged: spreadOf(7),
    segment: spreadOf(9),
    eventsPerBatch: 1e9 / 4,
  })
})

test('a partner floods with ten times what it sends, and the others are compared with themselves', async () => {
  const counts = countsOf(COUNTED)
  const { rig, live, published } = world([counts])
  let asked = 0
  const staged = [{ u: [100] }, { u: [150], f: [900] }, { u: [150], f: [900] }]
  const sinks = { ...rig.sinks, latencies: async () => Object(staged[asked++]) }
  const bench = latencyBenchOf(Object({ rig: { sinks }, live }), () => POOL)
  expect(await bench.measureFairness(10)).toEqual({
    usualRate: 200,
    floodRate: 2_000,
    usual: spreadOf(100),
    flooded: spreadOf(150),
    flood: spreadOf(900),
    ratio: 1.5,
  })
  const measured = published.filter(({ group }) => group !== 'w')
  expect(measured.map(({ group, rate, partner }) => [group, rate, partner])).toEqual([
    ['u', 1_000, undefined],
    ['u', 1_000, undefined],
    ['f', 2_000, 'dealer-6'],
  ])
})

test('faults of Segment are compared in alternating runs, by the median of their p99', async () => {
  const counts = countsOf(COUNTED)
  const { rig, live, journal, published } = world([counts])
  let asked = 0
  const staged = [100, 300, 200, 600].map((value) => ({ u: [value] }))
  const sinks = { ...rig.sinks, latencies: async () => Object(staged[asked++]) }
  const rounds = { rounds: 2, seconds: 10 }
  expect(await measureFaults(Object({ rig: { sinks }, live }), rounds, POOL)).toEqual({
    rate: 500,
    every: 20,
    without: [spreadOf(100), spreadOf(200)],
    withFaults: [spreadOf(300), spreadOf(600)],
    faults: 17,
    ratio: 3,
  })
  expect(journal.filter((line) => line.startsWith('fail'))).toEqual([
    'fail 0',
    'fail 20',
    'fail 0',
    'fail 20',
    'fail 0',
  ])
  expect(new Set(published.map(({ rate }) => rate))).toEqual(new Set([500]))
})

/** A Temporal with these dead letters, and that notes what it is asked. */
function temporalWith(letters: readonly (readonly [string, string, number])[], batches: number) {
  const queries: string[] = []
  const temporal: Client = Object({
    workflow: {
      async *list({ query }: { query: string }) {
        queries.push(query)
        for (const [batch, partner, events] of letters)
          yield {
            searchAttributes: { BatchId: [batch], PartnerId: [partner], EventCount: [events] },
          }
      },
      count: async (query: string) => {
        queries.push(query)
        return { count: batches }
      },
    },
  })
  return { temporal, queries }
}

const LETTERS = [
  ['b1', 'p', 2_000],
  ['b1', 'p', 500],
  ['b1', 'q', 20],
  ['b2', 'p', 480],
] as const

test('dead letters and batches are those of the queue since then', async () => {
  const { temporal, queries } = temporalWith(LETTERS, 7)
  const since = { taskQueue: 'q', since: new Date('2026-11-20T10:00:00Z') }
  expect(await openLetters({ temporal }, { ...since, events: 3_000 })).toEqual(
    LETTERS.map(([batchId, partnerId, events]) => ({ batchId, partnerId, events })),
  )
  expect(await countBatches({ temporal }, since)).toBe(7)
  const of = (type: string) =>
    `WorkflowType = '${type}' AND TaskQueue = 'q' AND StartTime >= '2026-11-20T10:00:00.000Z'`
  expect(queries).toEqual([
    `${of('deadLetter')} AND ExecutionStatus = 'Failed'`,
    of('processBatch'),
  ])
})

function deadLetterBench(staged: number) {
  const counts = countsOf({ audit_log: { distinct: 5_999 }, dead_letter: { distinct: 2_999 } })
  const { rig } = world([counts], { staging: { l: [staged], i: [1_000] } })
  const { temporal } = temporalWith(LETTERS, 7)
  const ran: Parameters<Bench['run']>[] = []
  const bench: Bench = {
    rig: { ...rig, temporal },
    run: async (...args) => {
      ran.push(args)
      await args[1].beside?.work()
      return { measured: 5_000, valid: 3_000, invalid: 3_000 }
    },
  }
  return { bench, ran }
}

test.each([
  ['of one partner, of one batch and partner', floodOfOne(POOL, 10), 2],
  ['of strangers, of one batch', floodOfStrangers(POOL), 3],
] as const)('the dead letters of a flood are counted: %s', async (_what, flood, mostPerBatch) => {
  const { bench, ran } = deadLetterBench(60)
  expect(await measureFlood(bench, flood, spreadOf(50))).toEqual({
    rate: 2_000,
    live: spreadOf(60),
    ratio: 1.2,
    published: 6_000,
    invalid: 3_000,
    audited: 5_999,
    deadLettered: 2_999,
    held: 3_000,
    batches: 7,
    letters: 4,
    mostPerBatch,
  })
  expect(ran).toMatchObject([[[{ group: 'i', isInvalid: true, rate: 2_000 }], {}]])
})

test('a burst of strangers has 5,000 events, and begins cold', () => {
  const { load: burst } = floodOfStrangers(POOL)
  expect(burst.rate * burst.seconds).toBe(5_000)
  expect(burst.isCold).toBe(true)
})

test('a redrive is measured beside live traffic, with what the command took', async () => {
  const { bench, ran } = deadLetterBench(75)
  const patches: string[] = []
  const letters = LETTERS.map(([batchId, partnerId, events]) => ({ batchId, partnerId, events }))
  const redrive = async (patch: string) => {
    patches.push(patch)
    return 33.6
  }
  expect(await measureRedrive(bench, { letters, redrive }, spreadOf(50))).toEqual({
    rate: 500,
    live: spreadOf(75),
    ratio: 1.5,
    letters: 4,
    events: 3_000,
    seconds: 34,
  })
  expect(ran.map(([others, { beside }]) => [others, beside?.events])).toEqual([[[], 3_000]])
  expect(JSON.parse(patches[0] ?? '')).toEqual([{ op: 'replace', path: '/currency', value: 'EUR' }])
})

test('a steady load publishes as many events as its rate and time make, of its partner alone', async () => {
  const topics: string[] = []
  const numbers: number[] = []
  const partners = ['dealer-1', 'dealer-2', 'dealer-3']
  const partnerOf = (number: number) => partners[number % partners.length] ?? ''
  const pool = {
    meanBytes: 0,
    make: ({ number }: { number: number }) => ({
      partner: partnerOf(number),
      data: Buffer.from(String(number)),
      attributes: {},
    }),
  }
  const publisher = Object({
    publish: async (request: { topic: string; messages: readonly { data: Buffer }[] }) => {
      topics.push(request.topic)
      numbers.push(...request.messages.map(({ data }) => Number(data.toString())))
    },
  })
  const told: number[] = []
  const steady = { topic: 't', pool, rate: 1_000, seconds: 0.03, group: 'u', first: 100 }
  const onPublished = (count: number) => told.push(count)
  const all = await publishSteadily(publisher, { ...steady, onPublished })
  expect([all, told.at(-1)]).toEqual([{ published: 30, next: 130 }, 30])
  expect(numbers).toEqual(Array.from({ length: 30 }, (_, i) => 100 + i))
  numbers.length = 0
  const one = await publishSteadily(publisher, { ...steady, partner: 'dealer-3' })
  expect(one.published).toBe(30)
  expect(new Set(numbers.map(partnerOf))).toEqual(new Set(['dealer-3']))
  expect(one.next).toBe((numbers.at(-1) ?? 0) + 1)
  expect(new Set(topics)).toEqual(new Set(['t']))
})

test('the processes that are measured write to the sinks, by the client and without the pause that the report says', () => {
  const sinks = { url: 'http://sinks', storageAddress: 'sinks:1' }
  const parts = { sinks, subscriptions: { address: 'subscription:1' }, bundle: 'bundle.js' }
  const own = { TEMPORAL_ADDRESS: 'temporal:1', PUBSUB_EMULATOR_HOST: 'pubsub:1' }
  const image = { NODE_OPTIONS: '--max-old-space-size=1' }
  expect(environmentOf({ ...parts, own, image, hasPubSub: false })).toEqual({
    ...image,
    TEMPORAL_ADDRESS: 'temporal:1',
    PUBSUB_EMULATOR_HOST: 'subscription:1',
    GOOGLE_CLOUD_PROJECT: 'local',
    SEGMENT_WRITE_KEY: 'bench',
    SEGMENT_HOST: 'http://sinks',
    SEGMENT_CLIENT: 'http',
    ACTIVATION_LOOKUP_SECONDS: '0',
    BIGQUERY_EMULATOR_HOST: 'http://sinks/bigquery/v2',
    BIGQUERY_STORAGE_EMULATOR_HOST: 'sinks:1',
    WORKFLOW_BUNDLE: 'bundle.js',
  })
  expect(environmentOf({ ...parts, own, image, hasPubSub: true })).toMatchObject({
    PUBSUB_EMULATOR_HOST: 'pubsub:1',
  })
})

test('what a process uses is told in seconds of CPU and bytes of memory', async () => {
  const before = process.cpuUsage()
  const { result, usages } = await watched([{ pid: process.pid }], async () => {
    for (const until = process.cpuUsage().user + 100_000; process.cpuUsage().user < until; );
    return 'done'
  })
  const { user, system } = process.cpuUsage(before)
  const [{ cpuSeconds, peakBytes } = { cpuSeconds: 0, peakBytes: 0 }] = usages
  expect(result).toBe('done')
  // The system counts in hundredths of a second.
  expect(cpuSeconds).toBeGreaterThan(0.05)
  expect(cpuSeconds).toBeLessThan((user + system) / 1_000_000 + 0.05)
  expect(peakBytes).toBeGreaterThan(process.memoryUsage().rss / 2)
  expect(peakBytes).toBeLessThan(process.memoryUsage().rss * 2)
})
