// The file of results: what was measured now stands beside what was measured before, and its sums are of now.

import { mkdir, mkdtemp, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import type { Throughput } from '../../../bench/compared.ts'
import { type Results, writeResults } from '../../../bench/results-file.ts'
import { stackDir } from '../../../deploy/local/paths.ts'

const eventsPerSecond = { pipeline: 10, direct: 20, beam: 5, perEvent: 1 }

const throughput = (pipeline: number): Throughput => ({
  events: 1,
  perEventEvents: 1,
  processes: 2,
  runs: { pipeline: [], direct: [], beam: [], perEvent: [] },
  eventsPerSecond: { ...eventsPerSecond, pipeline },
  ratios: { direct: pipeline / 20, beam: pipeline / 5, perEvent: pipeline },
})

const soak = {
  minutes: 60,
  rate: 300,
  published: 1,
  staged: 1,
  bridgeMegabytes: [],
  workerMegabytes: [],
  bridgeGrowthMegabytes: 0,
  workerGrowthMegabytes: 0,
}

const results = (measured: Partial<Results>): Results => ({
  measuredAt: '2026-11-26T00:00:00.000Z',
  isQuick: false,
  machine: { cpu: 'x', cores: 2, memoryGigabytes: 24, os: 'linux', versions: {} },
  ...measured,
})

const folder = async () => {
  await mkdir(join(stackDir, 'test'), { recursive: true })
  return mkdtemp(join(stackDir, 'test', 'results-'))
}

const step = (backlog: number) => ({
  backlog,
  eventsPerSecond: 1,
  bridgePeakMegabytes: 2,
  workerPeakMegabytes: 3,
  cpuSecondsPerMillionEvents: backlog + 4,
  historyBytesPerEvent: backlog + 5,
  actionsPerThousandEvents: 6,
  rowBytesPerEvent: backlog + 7.4,
  batch: { events: 8, historyBytes: backlog + 9, actions: backlog + 10 },
})
const spread = { p50: 1, p99: 2, p999: 3 }
const at = (rate: number, eventsPerBatch: number) => ({
  rate,
  events: 1,
  staged: spread,
  segment: spread,
  eventsPerBatch,
})

test('what costs are computed from is of the largest backlog, and the size of batches of each rate', async () => {
  const file = join(await folder(), 'latest.json')
  const growth = [step(10_000), step(100_000)]
  await writeResults(file, results({ growth }), 400.6)
  expect(JSON.parse(await readFile(file, 'utf8'))).not.toHaveProperty('cost')
  await writeResults(file, results({ latency: [at(100, 31), at(5_000, 1_591)] }), 400.6)
  expect(JSON.parse(await readFile(file, 'utf8'))).toMatchObject({
    cost: {
      actionsPerBatch: 100_010,
      historyBytesPerBatch: 100_009,
      historyBytesPerEvent: 100_005,
      eventBytes: 401,
      rowBytesPerEvent: 100_007,
      eventsPerBatch: { 100: 31, 5_000: 1_591 },
      cpuSecondsPerMillionEvents: 100_004,
    },
  })
})

test('a later run replaces its sections and their sums, and leaves the others', async () => {
  const file = join(await folder(), 'latest.json')
  await writeResults(file, results({ throughput: throughput(10), soak }), 400)
  await writeResults(file, results({ throughput: throughput(15) }), 400)
  expect(JSON.parse(await readFile(file, 'utf8'))).toMatchObject({
    ratios: { direct: 0.75, beam: 3, perEvent: 15 },
    eventsPerSecond: { pipeline: 15 },
    throughput: { eventsPerSecond: { pipeline: 15 } },
    soak: { minutes: 60 },
  })
})
