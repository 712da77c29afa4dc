// `npx tsx bench/peers/beam/measure.ts [count] [runs]`: the Beam peer's sources in alternating runs, and whether every row arrived.

import { join } from 'node:path'
import { stackDir } from '../../../deploy/local/paths.ts'
import { listeningLine } from '../../../deploy/local/probes.ts'
import { nodeCommand, startProcess } from '../../../deploy/local/process.ts'
import { type Sinks, sinksAt } from '../../sinks-client.ts'
import { type Subscriptions, subscriptionsAt } from '../../subscription-client.ts'
import { writeEventsFile } from './events-file.ts'
import { type BeamFigures, type BeamSource, runBeam } from './run.ts'

const NAME = 'beam-peer'
const benchDir = join(stackDir, 'bench-beam')
const KINDS: readonly BeamSource['kind'][] = ['subscription', 'text', 'spans']
const LOG_DIR = join(benchDir, 'logs')
const EVENTS_FILE = join(benchDir, 'beam-events.ndjson')

type Rig = { readonly sinks: Sinks; readonly subscriptions: Subscriptions }

async function main(count: number, runs: number): Promise<void> {
  const [sinks, subscription] = await Promise.all([startLoad('sinks'), startLoad('subscription')])
  try {
    const rig = {
      sinks: sinksAt(sinks.address),
      subscriptions: subscriptionsAt(subscription.address),
    }
    await writeEventsFile(EVENTS_FILE, count)
    for (let run = 0; run < runs; run++)
      for (const kind of KINDS) report(await measure(rig, kind, count))
  } finally {
    await Promise.all([sinks.stop(), subscription.stop()])
  }
}

const startLoad = (name: 'sinks' | 'subscription') =>
  startProcess({
    name,
    command: nodeCommand(`bench/load/${name}.ts`),
    logDir: LOG_DIR,
    ready: listeningLine,
  })

/** @throws Error where a row or an acknowledgement is missing */
async function measure(rig: Rig, kind: BeamSource['kind'], count: number): Promise<BeamFigures> {
  await rig.sinks.reset(count)
  const source = await fill(rig, kind, count)
  const figures = await runBeam({ source, count, sinksUrl: rig.sinks.url, logDir: LOG_DIR })
  const { batch_ledger: _, ...sinks } = await rig.sinks.counts()
  for (const [name, { rows, distinct }] of Object.entries(sinks))
    if (distinct !== count || rows !== count)
      throw new Error(`${name} has ${distinct} events in ${rows} rows, not ${count}`)
  if (kind === 'subscription') {
    const { acknowledged } = await rig.subscriptions.state(NAME)
    if (acknowledged !== count) throw new Error(`${acknowledged} of ${count} are acknowledged`)
  }
  return figures
}

async function fill(rig: Rig, kind: BeamSource['kind'], count: number): Promise<BeamSource> {
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
