// Carries out what was asked of dead letters: shows how far it is, stops on Ctrl-C, and says what came of it.

import type { Client } from '@temporalio/client'
import type { Action } from '#contracts'
import { halfWay } from '#operations/dead-letters/interrupted'
import { LetterError } from '#operations/dead-letters/letter-error'
import {
  type OpenLetter,
  readOpenLetters,
  type Wanted,
} from '#operations/dead-letters/open-letters'
import type { Planned } from '#operations/dead-letters/plan'
import { republish } from '#operations/dead-letters/republish'
import { type Done, type Pace, workOff } from '#operations/dead-letters/run-all'
import {
  hand,
  type Order,
  refused,
  requireWorker,
  type StartedRun,
} from '#operations/dead-letters/start-redrive'
import { watchRuns } from '#operations/dead-letters/watch-runs'
import type { CliConfig } from '#runtime/config'
import { connectClient } from '#runtime/temporal'
import { openStore, readGroups, readStandings, type Store } from '#warehouse/sql/dead-letters'
import { type GooglePart, loadEnvironment } from '../environment.ts'
import { progressBar } from '../output/progress-bar.ts'
import { PAST, reportOutcomes } from './outcomes.ts'
import { actorOf, reasonOf } from './who.ts'

export type Site = {
  readonly config: CliConfig
  readonly store: Store
  readonly client: Client
}

/** Connects to BigQuery and Temporal for the time `use` takes, and finds what else is needed. */
export async function atSite<T>(
  use: (site: Site) => Promise<T>,
  others: readonly GooglePart[] = [],
): Promise<T> {
  const config = await loadEnvironment(['BIGQUERY_EMULATOR_HOST', ...others])
  const client = await connectClient()
  try {
    return await use({ config, store: openStore(config), client })
  } finally {
    await client.connection.close()
  }
}

export type Request = {
  readonly action: Action
  readonly actor?: string
  readonly reason: string
  readonly wanted: Wanted
  /** What a redrive carries; null for the other actions. */
  readonly plan: (letter: OpenLetter) => Planned | null
  /** Message ids of the events that count for `maxFailures`. @default all */
  readonly counted?: (letter: OpenLetter) => ReadonlySet<string>
  /** Events of the edited file that are open no more. @default 0 */
  readonly doneBefore?: number
  readonly pace?: Pace
  readonly json?: boolean
}

const AT_ONCE: Pace = { rate: Number.POSITIVE_INFINITY, maxFailures: 1 }

/** @returns the exit code */
export async function carryOut(site: Site, request: Request): Promise<number> {
  const { store, client } = site
  const { action, wanted, plan, pace = AT_ONCE, counted = allOf, doneBefore = 0 } = request
  const order = orderOf(site, request)
  const total = await openEvents(store, new Set(wanted.ids))
  if (total > 0) await requireWorker(order)
  const bar = progressBar(PAST[action], total)
  const watch = watchRuns(client, bar.say)
  const closedBefore: string[] = []
  let seen = 0
  const work = (stop: AbortSignal) =>
    workOff({
      letters: readOpenLetters(store, wanted, (id) => closedBefore.push(id)),
      hand: async (letter) => {
        const handed = await handOrRefuse(order, letter, plan)
        watch.follow(handed)
        return handed
      },
      counted,
      pace,
      stop,
      onDone: ({ events }) => {
        seen += events
        bar.update(seen)
      },
    })
  const done = await untilInterrupted(work)
    .catch(halfWay)
    .finally(() => {
      watch.stop()
      bar.stop()
    })
  return reportOutcomes(
    { ...done, action, wanted: wanted.ids.length, closedBefore, doneBefore },
    request.json,
  )
}

/** One that cannot be handled as asked stops none of the others. */
async function handOrRefuse(
  order: Order,
  letter: OpenLetter,
  plan: Request['plan'],
): Promise<StartedRun> {
  try {
    return await hand(order, letter, plan(letter))
  } catch (error) {
    if (!(error instanceof LetterError)) throw error
    return { finished: Promise.resolve(refused(letter, error.why)) }
  }
}

function orderOf({ config, store, client }: Site, request: Request): Order {
  const { action, actor, reason } = request
  return {
    client,
    taskQueue: config.TEMPORAL_TASK_QUEUE,
    action,
    actor: actorOf(actor),
    reason: reasonOf(reason),
    ...(action === 'republish' && {
      republish: ({ id }, messages) => republish(config, messages, { deadLetterId: id }),
    }),
    attemptsOf: async (id) => (await readStandings(store, [id]))[0]?.attempts ?? 0,
  }
}

const allOf = ({ events }: OpenLetter) => new Set(events.map(({ message_id }) => message_id))

async function openEvents(store: Store, wanted: ReadonlySet<string>): Promise<number> {
  const groups = await readGroups(store, 'open')
  return groups.filter(({ id }) => wanted.has(id)).reduce((sum, { events }) => sum + events, 0)
}

async function untilInterrupted(work: (stop: AbortSignal) => Promise<Done>): Promise<Done> {
  const controller = new AbortController()
  const stop = () => controller.abort()
  process.once('SIGINT', stop)
  process.once('SIGTERM', stop)
  try {
    return await work(controller.signal)
  } finally {
    process.removeListener('SIGINT', stop)
    process.removeListener('SIGTERM', stop)
  }
}
