// What a benchmark says of its results: every figure stands where its name is.

import { expect, test } from '@jest/globals'
import { chartOf } from '../../../bench/chart.ts'
import { throughputOf } from '../../../bench/compared.ts'
import { reportOf, sharesTable } from '../../../bench/report.ts'
import type { Results } from '../../../bench/results-file.ts'

const spread = (p50: number) => ({ p50, p99: p50 + 1, p999: p50 + 2 })

const THROUGHPUT = throughputOf(
  {
    pipeline: [1_200, 1_000, 1_100],
    direct: [3_300, 2_000, 2_200],
    beam: [4_000, 4_400, 4_400],
    perEvent: [11, 10, 12],
  },
  { events: 200_000, perEventEvents: 400, processes: 2 },
)

test('throughput is told by the median of the runs, and this pipeline over the others', () => {
  expect(THROUGHPUT.eventsPerSecond).toEqual({
    pipeline: 1_100,
    direct: 2_200,
    beam: 4_400,
    perEvent: 11,
  })
  expect(THROUGHPUT.ratios).toEqual({ direct: 0.5, beam: 0.25, perEvent: 100 })
})

const FLOOD = {
  rate: 2_001,
  live: spread(60),
  ratio: 1.61,
  published: 84_001,
  invalid: 56_001,
  audited: 84_002,
  deadLettered: 56_002,
  held: 56_003,
  batches: 181,
  letters: 91,
  mostPerBatch: 3,
}

const RESULTS: Results = {
  measuredAt: '2026-11-26T23:00:00.000Z',
  isQuick: false,
  machine: {
    cpu: 'a CPU',
    cores: 2,
    memoryGigabytes: 24,
    os: 'linux x64',
    versions: { node: '24.1.0', 'Apache Beam': '2.77.0' },
  },
}

/** The cells of the tables, and the paragraphs. */
const toldOf = (results: Partial<Results>) =>
  reportOf({ ...RESULTS, ...results })
    .split('\n')
    .filter((line) => line !== '' && !line.includes('--'))
    .map((line) =>
      line.startsWith('|')
        ? line
            .split('|')
            .slice(1, -1)
            .map((cell) => cell.trim())
        : line,
    )

test('the table of throughput has a row for each contender, with the least and the most of its runs', () => {
  const [header, ...rest] = toldOf({ throughput: THROUGHPUT })
  expect(header).toEqual([
    'full subscription to last row and call',
    'we do',
    'events/s, median',
    'of',
  ])
  expect(rest.slice(0, 4)).toEqual([
    ['this pipeline, Temporal included', '1', '1,100', '1,000 to 1,200'],
    ['the same activities, no orchestrator', '0.50 ×', '2,200', '2,000 to 3,300'],
    ['Apache Beam', '0.25 ×', '4,400', '4,000 to 4,400'],
    ['one workflow per event', '100.00 ×', '11', '10 to 12'],
  ])
  expect(rest[4]).toMatch(
    /^3 alternating runs of 200,000 events each \(400 for one workflow per event\), 2 processes each\./,
  )
})

test('latency is told in milliseconds, by rate', () => {
  const [header, ...rest] = toldOf({
    latency: [
      { rate: 100, events: 7, staged: spread(208), segment: spread(1_223), eventsPerBatch: 31 },
    ],
  })
  expect(header).toEqual(['events/s', 'publish to staged', 'publish to Segment', 'events a batch'])
  expect(rest[0]).toEqual(['100', '208 / 209 / 210', '1,223 / 1,224 / 1,225', '31'])
  expect(rest[1]).toMatch(/^Milliseconds: p50 \/ p99 \/ p99\.9, one worker\./)
})

test('growth is told by backlog', () => {
  const [header, row] = toldOf({
    growth: [
      {
        backlog: 10_000,
        eventsPerSecond: 16_155,
        bridgePeakMegabytes: 191,
        workerPeakMegabytes: 292,
        cpuSecondsPerMillionEvents: 5,
        historyBytesPerEvent: 82,
        actionsPerThousandEvents: 1.5,
        rowBytesPerEvent: 6,
        batch: { events: 7, historyBytes: 8, actions: 9 },
      },
    ],
  })
  expect(header).toEqual([
    'backlog',
    'events/s',
    'bridge, peak MB',
    'worker, peak MB',
    'history bytes an event',
    'actions per 1,000 events',
  ])
  expect(row).toEqual(['10,000', '16,155', '191', '292', '82', '1.50'])
})

test.each<[string, Partial<Results>, readonly string[]]>([
  [
    'a flood',
    {
      fairness: {
        usualRate: 200,
        floodRate: 2_000,
        usual: spread(210),
        flooded: spread(248),
        flood: spread(456),
        ratio: 1.2,
      },
    },
    [
      "A partner that sends 2,000 events/s instead of 200: the others' p99 to staged is 1.20 × what it was (210 / 211 / 212 ms before, 248 / 249 / 250 ms now); its own is 457 ms.",
    ],
  ],
  [
    'dead letters',
    {
      deadLetters: {
        liveRate: 1_000,
        usual: spread(50),
        invalidFlood: FLOOD,
        strangers: { ...FLOOD, live: spread(70), ratio: 1.71, mostPerBatch: 21 },
        redrive: {
          rate: 500,
          live: spread(80),
          ratio: 1.81,
          letters: 26,
          events: 16_000,
          seconds: 34,
        },
      },
    },
    [
      "A partner that sends 2,001 events/s, all of them invalid, beside others who send 1,000: the others' p99 to staged is 1.61 × what it was (50 / 51 / 52 ms before, 60 / 61 / 62 ms now). 181 batches opened 91 dead letters, at most 3 a batch and partner. Of 84,001 events published 84,002 are in the audit log; of 56,001 invalid ones 56,002 are in `streaming.dead_letter` and 56,003 in Temporal.",
      "A burst of 56,001 invalid events, each of a partner of its own: the others' p99 to staged is 1.71 × what it was (50 / 51 / 52 ms before, 70 / 71 / 72 ms now). 181 batches opened 91 dead letters, at most 21 a batch. Of 56,001 invalid events 56,002 are in `streaming.dead_letter` and 56,003 in Temporal.",
    ],
  ],
  [
    'a Segment that fails',
    {
      segmentFaults: {
        rate: 500,
        every: 20,
        without: [spread(10), spread(20)],
        withFaults: [spread(30), spread(40)],
        faults: 1_234,
        ratio: 1.98,
      },
    },
    [
      'A Segment that answers one of 20 requests with 500 and one with 429 (1,234 faults at 500 events/s): the p99 to staged is 1.98 × that without (alternating runs: 11, 21 ms without, 31, 41 ms with). Segment has every event all the same.',
    ],
  ],
  [
    'steady load',
    {
      soak: {
        minutes: 60,
        rate: 300,
        published: 1_080_001,
        staged: 1_080_000,
        bridgeMegabytes: [],
        workerMegabytes: [],
        bridgeGrowthMegabytes: 3,
        workerGrowthMegabytes: 4,
      },
    },
    [
      '60 minutes at 300 events/s: 1,080,000 of 1,080,001 events staged; memory grew by 3 MB (bridge) and 4 MB (worker) from the second quarter to the last.',
    ],
  ],
])('%s is told with what it did to the others', (_what, results, expected) => {
  expect(toldOf(results).slice(0, expected.length)).toEqual(expected)
})

test('a redrive is told with its rate and what it took', () => {
  const redrive = {
    rate: 500,
    live: spread(80),
    ratio: 1.81,
    letters: 26,
    events: 16_000,
    seconds: 34,
  }
  const deadLetters = { liveRate: 1_000, usual: spread(50), invalidFlood: FLOOD, redrive }
  expect(reportOf({ ...RESULTS, deadLetters })).toContain(
    'at its 500 events/s (16,000 events of 26 dead letters in 34 s, none failed again): the p99 to staged of 1,000 live events/s is 1.81 × what it was (50 / 51 / 52 ms before, 80 / 81 / 82 ms now).',
  )
})

test('the last line says what it was measured on, and whether it may be quoted', () => {
  const [line, ...more] = toldOf({})
  expect(more).toEqual([])
  expect(line).toMatch(
    /^2 cores \(a CPU\), 24 GB, linux x64; node 24\.1\.0, Apache Beam 2\.77\.0; 2026-11-26\. /,
  )
  expect(line).not.toContain('quick')
  expect(toldOf({ isQuick: true })[0]).toContain('A quick look, not a figure to quote.')
})

test('of a profile the twenty largest shares are told', () => {
  const shares = Array.from({ length: 21 }, (_, i) => ({ where: `w${i}`, share: 0.1234 }))
  const lines = sharesTable(shares).split('\n').slice(2)
  expect(lines).toHaveLength(20)
  expect(lines[0]).toMatch(/^\| w0 +\| +12\.3 % \|$/)
})

test('the bars of the chart are as long as the figures, the longest as long as there is room', () => {
  const svg = chartOf(THROUGHPUT)
  const bars = Array.from(svg.matchAll(/<rect x="170" y="\d+" width="(\d+)".*fill="(#\w+)"/g))
  expect(bars.map(([, width]) => Number(width))).toEqual([110, 220, 440, 1])
  const [own, ...others] = bars.map(([, , fill]) => fill)
  expect(new Set(others)).toEqual(new Set([others[0]]))
  expect(own).not.toBe(others[0])
  const labels = Array.from(svg.matchAll(/text-anchor="end">([^<]+)</g), ([, label]) => label)
  expect(labels).toEqual(['this pipeline', 'no orchestrator', 'Apache Beam', 'workflow per event'])
  const values = Array.from(svg.matchAll(/<text x="\d+" y="\d+">([\d,]+)</g), ([, value]) => value)
  expect(values).toEqual(['1,100', '2,200', '4,400', '11'])
})
