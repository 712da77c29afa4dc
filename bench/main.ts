// `npm run bench`: throughput beside what people would use instead, latency at steady rates, cost as the backlog grows, what dead letters cost live traffic.

import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { Command, InvalidArgumentError, Option } from 'commander'
import { wallClock } from '#runtime/clock'
import { runMain } from '#runtime/main'
import { stackDir } from '../deploy/local/paths.ts'
import { chartOf } from './chart.ts'
import { measureDeadLetters } from './dead-letters.ts'
import { flameGraphOf, sharesOf } from './flame-graph.ts'
import { measureGrowth } from './growth.ts'
import { startLatencyBench } from './latency.ts'
import { createEventPool } from './load/events.ts'
import { describeMachine } from './machine.ts'
import { profileWorker } from './profile.ts'
import { reportOf, sharesTable } from './report.ts'
import { type Results, writeResults } from './results-file.ts'
import { type Rig, startRig } from './rig.ts'
import { measureSegmentFaults } from './segment-faults.ts'
import { soak } from './soak.ts'
import { measureThroughput } from './throughput.ts'

const sections = [
  'throughput',
  'latency',
  'growth',
  'dead-letters',
  'segment-faults',
  'soak',
] as const
type Section = (typeof sections)[number]
type Measured = Omit<Results, 'measuredAt' | 'isQuick' | 'machine'>

type Options = {
  readonly quick?: boolean
  readonly only?: readonly Section[]
  readonly soak?: boolean
  readonly minutes: number
  /** File of a flame graph. */
  readonly profile?: string
  readonly out: string
  readonly json?: boolean
}

const FULL = { events: 200_000, perEventEvents: 400, rounds: 5, seconds: 25 }
const QUICK = { events: 30_000, perEventEvents: 60, rounds: 2, seconds: 5 }
const PAIRS = { rounds: 2, seconds: 20 }
const QUICK_PAIRS = { rounds: 1, seconds: 5 }
const RATES = { full: [100, 1_000, 5_000], quick: [1_000] }
const BACKLOGS = { full: [10_000, 100_000, 1_000_000], quick: [10_000] }
const SOAK_RATE = 300

const QUICK_SECTIONS = ['throughput', 'latency', 'growth'] as const
const FULL_SECTIONS = [...QUICK_SECTIONS, 'dead-letters', 'segment-faults'] as const
/** They read a full subscription; the others, Pub/Sub at steady rates. */
const FROM_BACKLOGS: ReadonlySet<Section> = new Set(['throughput', 'growth'])

const program = new Command('bench')
  .description(
    'Measures this pipeline on this machine. Writes its results, and a chart beside them. A full run takes some twenty minutes, --quick less than two.',
  )
  .option('--quick', 'fewer and shorter runs: a first look')
  .addOption(
    new Option(
      '--only <sections>',
      'measure some of throughput, latency, growth, dead-letters, segment-faults (default: all, without the last two where --quick)',
    ).argParser((value) => value.split(',').map(section)),
  )
  .option('--soak', 'measure nothing but steady load for an hour')
  .option('--minutes <minutes>', 'how long --soak takes', Number, 60)
  .option(
    '--profile <file>',
    'measure nothing but where the time of a worker goes: a flame graph, in SVG',
  )
  .option('--out <file>', 'file of results', 'bench/results/latest.json')
  .option('--json', 'print the results as JSON')
  .addHelpText(
    'after',
    `
Examples:
  npm run bench
  npm run bench -- --quick
  npm run bench -- --only latency --out /tmp/latency.json
  npm run bench -- --quick --only dead-letters --out /tmp/dead-letters.json
  npm run bench -- --soak --minutes 10
  npm run bench -- --profile docs/images/worker-flame-graph.svg`,
  )
  .action(bench)

async function bench(options: Options): Promise<void> {
  if (options.profile !== undefined) return drawProfile(options.profile)
  let results: Results | undefined
  for (const one of sectionsOf(options)) {
    results = { ...results, ...(await measure(one, options)) }
    // Section by section: a failure of the next loses nothing of this one.
    await save(results, options.out)
  }
  if (!results) throw new Error('nothing was measured')
  process.stdout.write(`${options.json ? JSON.stringify(results, null, 2) : reportOf(results)}\n`)
}

async function drawProfile(file: string): Promise<void> {
  const rig = await startRig(TEMPORAL, join(stackDir, 'bench-profile'))
  try {
    const profile = await profileWorker(rig)
    await writeFile(
      file,
      flameGraphOf(
        profile,
        'Main thread of a worker at a full subscription: share of time, by call',
      ),
    )
    process.stdout.write(`${sharesTable(sharesOf(profile))}\n`)
  } finally {
    await rig.stop()
  }
}

function sectionsOf({ soak: isSoak, only, quick }: Options): readonly Section[] {
  if (isSoak) return ['soak']
  return only ?? (quick ? QUICK_SECTIONS : FULL_SECTIONS)
}

/** Each section has a stack of its own: what one leaves behind is not in the figures of the next. */
async function measure(one: Section, options: Options): Promise<Results> {
  const services = FROM_BACKLOGS.has(one) ? TEMPORAL : PUBSUB
  const rig = await startRig(services, join(stackDir, `bench-${one}`))
  try {
    const machine = await describeMachine(rig.temporal)
    const measured = await BENCHES[one](rig, options)
    const isQuick = options.quick === true
    return { measuredAt: wallClock().toISOString(), isQuick, machine, ...measured }
  } finally {
    await rig.stop()
  }
}

async function save(results: Results, file: string): Promise<void> {
  await writeResults(file, results, createEventPool(1).meanBytes)
  if (!results.throughput) return
  const chart = file.replace(/(\.json)?$/, '.svg')
  await mkdir(dirname(chart), { recursive: true })
  await writeFile(chart, chartOf(results.throughput))
}

const PUBSUB = ['temporal', 'pubsub'] as const
const TEMPORAL = ['temporal'] as const

const BENCHES: Readonly<Record<Section, (rig: Rig, options: Options) => Promise<Measured>>> = {
  throughput: async (rig, { quick }) => ({
    throughput: await measureThroughput(rig, quick ? QUICK : FULL),
  }),
  latency: async (rig, { quick }) => {
    const { seconds } = quick ? QUICK : FULL
    const latencyBench = await startLatencyBench(rig)
    const latency = []
    const rates = quick ? RATES.quick : RATES.full
    for (const rate of rates) latency.push(await latencyBench.measure(rate, seconds))
    return quick ? { latency } : { latency, fairness: await latencyBench.measureFairness(seconds) }
  },
  growth: async (rig, { quick }) => ({
    growth: await measureGrowth(rig, quick ? BACKLOGS.quick : BACKLOGS.full),
  }),
  'dead-letters': async (rig, { quick }) => ({
    deadLetters: await measureDeadLetters(rig, (quick ? QUICK : FULL).seconds),
  }),
  'segment-faults': async (rig, { quick }) => ({
    segmentFaults: await measureSegmentFaults(rig, quick ? QUICK_PAIRS : PAIRS),
  }),
  soak: async (rig, { minutes }) => ({ soak: await soak(rig, minutes, SOAK_RATE) }),
}

function section(value: string): Section {
  const known = sections.find((one) => one === value)
  if (!known) throw new InvalidArgumentError(`It must be of ${sections.join(', ')}.`)
  return known
}

await runMain(async () => {
  await program.parseAsync()
})
