// `npx tsx bench/peers/beam/measure.ts [count] [runs]`: the Beam peer's sources in alternating runs, and whether every row arrived.

import { join } from 'node:path'
import { stackDir } from '../../../deploy/local/paths.ts'
import type { SinkCount } from '../../load/tally.ts'
import { type StandIns, startStandIns } from '../../stand-ins.ts'
import { writeEventsFile } from './events-file.ts'
import { type BeamFigures, type BeamSource, runBeam } from './run.ts'

const NAME = 'beam-peer'
const benchDir = join(stackDir, 'bench-beam')
const KINDS: readonly BeamSource['kind'][] = ['subscription', 'text', 'spans']
const LOG_DIR = join(benchDir, 'logs')
const EVENTS_FILE = join(benchDir, 'beam-events.ndjson')

async function main(count: number, runs: number): Promise<void> {
  const rig = await startStandIns(LOG_DIR)
  try {
    await writeEventsFile(EVENTS_FILE, count)
    for (let run = 0; run < runs; run++)
      for (const kind of KINDS) report(await measure(rig, kind, count))
  } finally {
    await rig.stop()
  }
}

/** @throws Error where a row or an acknowledgement is missing */
async function measure(
  rig: StandIns,
  kind: BeamSource['kind'],
  count: number,
): Promise<BeamFigures> {
  await rig.sinks.reset(count)
  const source = await fill(rig, kind, count)
  const figures = await runBeam({ source, count, sinksUrl: rig.sinks.url, logDir: LOG_DIR })
  const { audit_log, staging, staged_cancellation, activation_log, segment } =
    await rig.sinks.counts()
  expectAll('audit_log', audit_log, count)
  expectAll('staging', staging, count)
  expectAll('activation_log', activation_log, count)
  expectAll('segment', segment, count - staged_cancellation.distinct)
  if (kind === 'subscription') {
    const { acknowledged } = await rig.subscriptions.state(NAME)
    if (acknowledged !== count) throw new Error(`${acknowledged} of ${count} are acknowledged`)
  }
  return figures
}

function expectAll(name: string, { rows, distinct }: SinkCount, count: number): void {
  if (distinct !== count || rows !== count)
    throw new Error(`${name} has ${distinct} events in ${rows} rows, not ${count}`)
}

async function fill(rig: StandIns, kind: BeamSource['kind'], count: number): Promise<BeamSource> {
  if (kind !== 'subscription') return { kind, path: EVENTS_FILE }
  await rig.subscriptions.fill(NAME, count)
  return { kind, address: rig.subscriptions.address, name: NAME }
}

function report({ source, events, startedAt, finishedAt, cpuSeconds }: BeamFigures): void {
  const rate = Math.round((events * 1000) / (finishedAt - startedAt))
  process.stdout.write(`${source}: ${events} events, ${rate} events/s, ${cpuSeconds} s of CPU\n`)
}

const [count = '50000', runs = '3'] = process.argv.slice(2)
await main(Number(count), Number(runs))
