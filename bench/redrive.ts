// A redrive as an operator makes it, by the command. It reads dead letters from BigQuery, and the sinks keep nothing: so
// they are opened beforehand by a pipeline that writes to the local BigQuery, and redriven by one that writes to the sinks.

import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setUpTables } from '#operations/setup/tables'
import { monotonicMs, wallClock } from '#runtime/clock'
import { createBigQuery } from '#warehouse/client'
import { stackDir } from '../deploy/local/paths.ts'
import { nodeCommand, startProcess } from '../deploy/local/process.ts'
import { type Stack, startStack } from '../deploy/local/stack.ts'
import { startLive } from './live.ts'
import type { EventPool } from './load/events.ts'
import { type OpenLetter, openLetters } from './open-letters.ts'
import type { Rig } from './rig.ts'

export type OpenOptions = {
  /** Also the task queue of the redrive. */
  readonly topic: string
  /** Of events that do not keep the contract. */
  readonly pool: EventPool
  readonly events: number
  /** Events a second: it makes the size of the dead letters. */
  readonly rate: number
  readonly group: string
}

export type Redrivable = {
  readonly letters: readonly OpenLetter[]
  /**
   * Redrives all of them by `npm run dlq -- redrive` at its default rate; a worker must run.
   * @param patch what mends the events
   * @returns how many seconds the command took
   * @throws Error where any of them is left open
   */
  readonly redrive: (patch: string) => Promise<number>
  stop(): Promise<void>
}

/** Opens dead letters of events numbered from 0; their pipeline is stopped when they are open. */
export async function openRedrivable(rig: Rig, options: OpenOptions): Promise<Redrivable> {
  const dataDir = join(stackDir, 'bench-redrive')
  await rm(dataDir, { recursive: true, force: true })
  const tables = await startStack({ dataDir, services: ['bigquery'] })
  try {
    const { url } = tables.bigquery
    const address = { GOOGLE_CLOUD_PROJECT: 'local', BIGQUERY_EMULATOR_HOST: url }
    await setUpTables(createBigQuery(address), 'EU')
    const letters = await open(rig, tables, options)
    return {
      letters,
      redrive: (patch) => redriveAll(rig, tables, { topic: options.topic, patch }),
      stop: tables.stop,
    }
  } catch (error) {
    await tables.stop()
    throw error
  }
}

async function open(
  rig: Rig,
  tables: Stack<'bigquery'>,
  { topic, pool, events, rate, group }: OpenOptions,
): Promise<OpenLetter[]> {
  const since = wallClock()
  // Without the address of a Storage Write API, it writes by insertAll, which is all that the local BigQuery takes.
  const live = await startLive(rig, topic, { ...tables.env, BIGQUERY_STORAGE_EMULATOR_HOST: '' })
  await live.publish({ pool, rate, seconds: events / rate, group, first: 0 })
  const letters = await openLetters(rig, { taskQueue: topic, since, events })
  await live.stop()
  return letters
}

async function redriveAll(
  { env, logDir }: Rig,
  tables: Stack<'bigquery'>,
  { topic, patch }: { readonly topic: string; readonly patch: string },
): Promise<number> {
  const startedAt = monotonicMs()
  const command = await startProcess({
    name: 'redrive',
    command: nodeCommand('cli/main.ts', 'dlq', 'redrive', '--all', '--patch', patch),
    logDir,
    env: { ...env, ...tables.env, TEMPORAL_TASK_QUEUE: topic },
  })
  const { code } = await command.exited
  if (code !== 0) throw new Error(`The redrive ended with code ${code}: see ${command.logFile}`)
  return (monotonicMs() - startedAt) / 1000
}
