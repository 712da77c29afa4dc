// `npm run erase`: counts, starts, follows and shows the erasure of a person.

import type { Person } from '#contracts'
import { countPerson } from '#operations/erase/count'
import {
  type EraseStatus,
  followErasure,
  readEraseStatus,
  type StartedErasure,
  startErasure,
} from '#operations/erase/erase'
import { checkPerson } from '#operations/erase/subject'
import { connectClient } from '#runtime/temporal'
import { openReader } from '#warehouse/open-reader'
import { actorOf } from '../dead-letters/actor.ts'
import { loadEnvironment } from '../environment.ts'
import { print, tell } from '../output/print.ts'
import { countsText, didText, progressText, statusText } from './wording.ts'

export type EraseOptions = {
  readonly partner: string
  readonly customer: string
  readonly reason: string
  readonly actor?: string
  readonly dryRun?: boolean
  readonly status?: boolean
  readonly wait: boolean
  readonly json?: boolean
}

/** @returns the exit code */
export async function runErase(options: EraseOptions): Promise<number> {
  const person = { partnerId: options.partner, customerId: options.customer }
  const { TEMPORAL_TASK_QUEUE: taskQueue, ...config } = await loadEnvironment([
    'BIGQUERY_EMULATOR_HOST',
  ])
  const client = await connectClient()
  try {
    return await runFor(person, options, { client, store: openReader(config), taskQueue })
  } finally {
    await client.connection.close()
  }
}

type Erasing = Parameters<typeof startErasure>[0]

async function runFor(person: Person, options: EraseOptions, erasing: Erasing): Promise<number> {
  const { json } = options
  if (options.dryRun) {
    const counts = await countPerson(erasing.store, erasing.client, checkPerson(person, ''))
    print(json ? JSON.stringify(counts, null, 2) : countsText(counts))
    return 0
  }
  if (options.status) return show(await readEraseStatus(erasing, person), json)
  const who = { actor: actorOf(options.actor), reason: options.reason }
  const { did } = await startErasure(erasing, person, who)
  if (!json) tell(didText(did))
  const status = options.wait
    ? await followErasure(erasing, person, tellChanges())
    : await readEraseStatus(erasing, person)
  return show(status, json, did)
}

/** Tells each state once. */
function tellChanges(): Parameters<typeof followErasure>[2] {
  let last = ''
  return (progress) => {
    const text = progress ? progressText(progress) : ''
    if (text !== '' && text !== last) tell(text)
    last = text
  }
}

/** Prints the state. @returns the exit code */
export function show(status: EraseStatus, json = false, did?: StartedErasure['did']): number {
  const shown = did === undefined ? status : { did, ...status }
  print(json ? JSON.stringify(shown, null, 2) : statusText(status))
  return status.state === 'running' || status.state === 'done' ? 0 : 1
}
