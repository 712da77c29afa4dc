// The file of results: what was measured now stands beside what was measured before, and its sums are of now.

import { mkdir, mkdtemp, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { type Results, writeResults } from '../../../bench/results-file.ts'
import type { Throughput } from '../../../bench/throughput.ts'
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

test('a later run replaces its sections and their sums, and leaves the others', async () => {
  await mkdir(join(stackDir, 'test'), { recursive: true })
  const file = join(await mkdtemp(join(stackDir, 'test', 'results-')), 'latest.json')
  await writeResults(file, results({ throughput: throughput(10), soak }), 400)
  await writeResults(file, results({ throughput: throughput(15) }), 400)
  expect(JSON.parse(await readFile(file, 'utf8'))).toMatchObject({
    ratios: { direct: 0.75, beam: 3, perEvent: 15 },
    eventsPerSecond: { pipeline: 15 },
    throughput: { eventsPerSecond: { pipeline: 15 } },
    soak: { minutes: 60 },
  })
})
