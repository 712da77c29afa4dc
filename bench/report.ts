// The results as Markdown tables: for the terminal, and for the README as they are.

import { markdownTable } from 'markdown-table'
import { type Contender, contenders, type Throughput } from './compared.ts'
import type { DeadLetters, InvalidFlood } from './dead-letters.ts'
import type { Share } from './flame-graph.ts'
import type { GrowthStep } from './growth.ts'
import type { Fairness, Latency } from './latency.ts'
import type { Results } from './results-file.ts'
import type { SegmentFaults } from './segment-faults.ts'
import type { Soak } from './soak.ts'
import type { Spread } from './statistics.ts'

const WHAT: Readonly<Record<Contender, string>> = {
  pipeline: 'this pipeline, Temporal included',
  direct: 'the same activities, no orchestrator',
  beam: 'Apache Beam',
  perEvent: 'one workflow per event',
}

export function reportOf(results: Results): string {
  const { throughput, latency, fairness, growth, deadLetters, segmentFaults, soak } = results
  return [
    ...(throughput ? [throughputReport(throughput)] : []),
    ...(latency ? [latencyTable(latency)] : []),
    ...(fairness ? [fairnessLine(fairness)] : []),
    ...(growth ? [growthTable(growth)] : []),
    ...(deadLetters ? deadLetterLines(deadLetters) : []),
    ...(segmentFaults ? [segmentFaultsLine(segmentFaults)] : []),
    ...(soak ? [soakLine(soak)] : []),
    machineLine(results),
  ].join('\n\n')
}

function throughputReport({ runs, eventsPerSecond, ...rest }: Throughput): string {
  const rows = contenders.map((contender) => [
    WHAT[contender],
    contender === 'pipeline' ? '1' : `${rest.ratios[contender].toFixed(2)} ×`,
    whole(eventsPerSecond[contender]),
    `${whole(Math.min(...runs[contender]))} to ${whole(Math.max(...runs[contender]))}`,
  ])
  const header = ['full subscription to last row and call', 'we do', 'events/s, median', 'of']
  return `${aligned([header, ...rows], 'lrrr')}\n
${runs.pipeline.length} alternating runs of ${whole(rest.events)} events each (${whole(rest.perEventEvents)} for one workflow per event), ${rest.processes} processes each. Segment's requests are written directly (\`SEGMENT_CLIENT=http\`), not through its SDK, which is the default. Every batch looks up its orders by itself, by \`ACTIVATION_LOOKUP_SECONDS=0\`; in production a thread makes one query for all batches of 20 s. Segment gets no cancellation, because its purchase is unknown to the sinks.`
}

function latencyTable(latency: readonly Latency[]): string {
  const header = ['events/s', 'publish to staged', 'publish to Segment', 'events a batch']
  const rows = latency.map(({ rate, staged, segment, eventsPerBatch }) => [
    whole(rate),
    spreadText(staged),
    spreadText(segment),
    whole(eventsPerBatch),
  ])
  return `${aligned([header, ...rows], 'rrrr')}\n\nMilliseconds: p50 / p99 / p99.9, one worker. With the default \`ACTIVATION_LOOKUP_SECONDS\`, it takes up to 20 s longer until Segment has an event.`
}

function fairnessLine({ usualRate, floodRate, usual, flooded, flood, ratio }: Fairness): string {
  return `A partner that sends ${whole(floodRate)} events/s instead of ${whole(usualRate)}: the others' p99 to staged is ${ratio.toFixed(2)} × what it was (${spreadText(usual)} ms before, ${spreadText(flooded)} ms now); its own is ${whole(flood.p99)} ms.`
}

function growthTable(steps: readonly GrowthStep[]): string {
  const header = [
    'backlog',
    'events/s',
    'bridge, peak MB',
    'worker, peak MB',
    'history bytes an event',
    'actions per 1,000 events',
  ]
  const rows = steps.map((step) => [
    whole(step.backlog),
    whole(step.eventsPerSecond),
    whole(step.bridgePeakMegabytes),
    whole(step.workerPeakMegabytes),
    whole(step.historyBytesPerEvent),
    step.actionsPerThousandEvents.toFixed(2),
  ])
  return aligned([header, ...rows], 'rrrrrr')
}

const deadLetterLines = (deadLetters: DeadLetters) => [
  invalidFloodLine(deadLetters),
  ...(deadLetters.strangers ? [strangersLine(deadLetters.usual, deadLetters.strangers)] : []),
  redriveLine(deadLetters),
]

function strangersLine(usual: Spread, flood: InvalidFlood): string {
  return `A burst of ${whole(flood.invalid)} invalid events, each of a partner of its own: the others' p99 to staged is ${flood.ratio.toFixed(2)} × what it was (${spreadText(usual)} ms before, ${spreadText(flood.live)} ms now). ${whole(flood.batches)} batches opened ${whole(flood.letters)} dead letters, at most ${flood.mostPerBatch} a batch. Of ${whole(flood.invalid)} invalid events ${whole(flood.deadLettered)} are in \`streaming.dead_letter\` and ${whole(flood.held)} in Temporal.`
}

function invalidFloodLine({ liveRate, usual, invalidFlood: flood }: DeadLetters): string {
  return `A partner that sends ${whole(flood.rate)} events/s, all of them invalid, beside others who send ${whole(liveRate)}: the others' p99 to staged is ${flood.ratio.toFixed(2)} × what it was (${spreadText(usual)} ms before, ${spreadText(flood.live)} ms now). ${whole(flood.batches)} batches opened ${whole(flood.letters)} dead letters, at most ${flood.mostPerBatch} a batch and partner. Of ${whole(flood.published)} events published ${whole(flood.audited)} are in the audit log; of ${whole(flood.invalid)} invalid ones ${whole(flood.deadLettered)} are in \`streaming.dead_letter\` and ${whole(flood.held)} in Temporal.`
}

function redriveLine({ liveRate, usual, redrive }: DeadLetters): string {
  return `Beside \`npm run dlq -- redrive --all\` at its ${whole(redrive.rate)} events/s (${whole(redrive.events)} events of ${whole(redrive.letters)} dead letters in ${redrive.seconds} s, none failed again): the p99 to staged of ${whole(liveRate)} live events/s is ${redrive.ratio.toFixed(2)} × what it was (${spreadText(usual)} ms before, ${spreadText(redrive.live)} ms now). It read them from the local BigQuery; rows and calls went to sinks that check and count.`
}

function segmentFaultsLine({ rate, every, without, withFaults, faults, ratio }: SegmentFaults) {
  const p99 = (runs: readonly Spread[]) => runs.map((one) => whole(one.p99)).join(', ')
  return `A Segment that answers one of ${every} requests with 500 and one with 429 (${whole(faults)} faults at ${whole(rate)} events/s): the p99 to staged is ${ratio.toFixed(2)} × that without (alternating runs: ${p99(without)} ms without, ${p99(withFaults)} ms with). Segment has every event all the same.`
}

function soakLine(soak: Soak): string {
  return `${soak.minutes} minutes at ${whole(soak.rate)} events/s: ${whole(soak.staged)} of ${whole(soak.published)} events staged; memory grew by ${soak.bridgeGrowthMegabytes} MB (bridge) and ${soak.workerGrowthMegabytes} MB (worker) from the second quarter to the last.`
}

const MOST_SHARES = 20

/** Where the time of a profile goes. */
export function sharesTable(shares: readonly Share[]): string {
  const rows = shares
    .slice(0, MOST_SHARES)
    .map(({ where, share }) => [where, `${(share * 100).toFixed(1)} %`])
  return aligned([['where', 'share of the time'], ...rows], 'lr')
}

function machineLine({ machine, measuredAt, isQuick }: Results): string {
  const versions = Object.entries(machine.versions).map(([what, version]) => `${what} ${version}`)
  const how = isQuick ? ' A quick look, not a figure to quote.' : ''
  return `${machine.cores} cores (${machine.cpu}), ${machine.memoryGigabytes} GB, ${machine.os}; ${versions.join(', ')}; ${measuredAt.slice(0, 10)}. Subscription and sinks of the throughput and growth runs are stand-ins that check and count.${how}`
}

function aligned(rows: readonly (readonly string[])[], align: string): string {
  return markdownTable(
    rows.map((row) => [...row]),
    { align: align.split('') },
  )
}

const whole = (value: number) => Math.round(value).toLocaleString('en')

const spreadText = ({ p50, p99, p999 }: Spread) => [p50, p99, p999].map(whole).join(' / ')
