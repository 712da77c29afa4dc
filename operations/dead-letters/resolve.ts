// Resolves the selected dead letters: starts a run for each, follows them, and reports what became of them.

import type { Client } from '@temporalio/client'
import type { Action } from '#contracts'
import type { CliConfig } from '#runtime/config'
import type { Reader } from '#warehouse/read'
import { readGroups } from '#warehouse/sql/dead-letter-groups'
import { readStandings } from '#warehouse/sql/dead-letter-standings'
import { LetterRefusedError } from '../errors.ts'
import type { Step } from '../stuck-runs/diagnose.ts'
import { interrupted } from './interrupted.ts'
import { type OpenLetter, readOpenLetters } from './open-letters.ts'
import { refused } from './outcome.ts'
import type { Planned } from './plan.ts'
import { type RetryAddress, republish } from './republish.ts'
import { requireWorker } from './require-worker.ts'
import { type Done, type Pace, runAll } from './run-all.ts'
import type { Selection } from './select.ts'
import { type Order, type StartedRun, startResolution } from './start-resolution.ts'
import { watchRuns } from './watch-runs.ts'
import { checkWho, type Who } from './who.ts'

/** What the operations reach the pipeline by. */
export type Pipeline = {
  readonly store: Reader
  readonly client: Client
  readonly config: RetryAddress & Pick<CliConfig, 'TEMPORAL_TASK_QUEUE'>
}

/** How a caller follows an operation and stops it. */
export type Following = {
  /** Once it is aborted, no other run is started, and those under way continue by themselves. */
  readonly signal?: AbortSignal
  /** Called before the first run is started, and after each that is finished. */
  readonly onProgress?: (progress: Progress) => void
  /** Called for each problem that keeps runs from making progress, once. */
  readonly onStuck?: (steps: readonly Step[]) => void
}

export type Progress = { readonly action: Action; readonly events: number; readonly total: number }

export type ResolutionRequest = Who &
  Following & {
    readonly action: Action
    readonly selection: Selection
    /** What a redrive carries; null for the other actions. */
    readonly plan: (letter: OpenLetter) => Planned | null
    /** Message ids of the events that count for `maxFailures`. @default all */
    readonly counted?: (letter: OpenLetter) => ReadonlySet<string>
    /** Edited events that are closed. @default 0 */
    readonly doneBefore?: number
    readonly pace?: Pace
  }

export type ResolutionReport = Done & {
  readonly action: Action
  /** Dead letters that were selected. */
  readonly selected: number
  /** Those of them that were closed when their turn came. */
  readonly closedBefore: readonly string[]
  /** Edited events that were closed before. */
  readonly doneBefore: number
}

const AT_ONCE: Pace = { rate: Number.POSITIVE_INFINITY, maxFailures: 1 }

/**
 * Safe to repeat: only what is open is resolved.
 * @throws OperationError `actor_invalid`, `reason_invalid` or `worker_missing` before anything is changed, and
 * `temporal_lost`, `temporal_refused` or `bigquery_lost` where a part stops answering
 */
export async function resolveLetters(
  pipeline: Pipeline,
  request: ResolutionRequest,
): Promise<ResolutionReport> {
  const { store, client } = pipeline
  const { action, selection, pace = AT_ONCE, counted = allOf, doneBefore = 0 } = request
  const { signal = NEVER, onProgress = ignore, onStuck = ignore } = request
  const order = orderOf(pipeline, request)
  const total = await openEvents(store, new Set(selection.ids))
  if (total > 0) await requireWorker(client, order.taskQueue)
  onProgress({ action, events: 0, total })
  const watch = watchRuns(client, onStuck)
  const closedBefore: string[] = []
  let resolved = 0
  const start = async (letter: OpenLetter) => {
    const started = await startOrRefuse(order, letter, request.plan)
    watch.follow(started)
    return started
  }
  try {
    const letters = readOpenLetters(store, selection, (id) => closedBefore.push(id))
    const onDone = ({ events }: { readonly events: number }) => {
      resolved += events
      onProgress({ action, events: resolved, total })
    }
    const done = await runAll({ letters, start, counted, pace, stop: signal, onDone })
    return { ...done, action, selected: selection.ids.length, closedBefore, doneBefore }
  } catch (error) {
    throw interrupted(error)
  } finally {
    watch.stop()
  }
}

const NEVER = new AbortController().signal
const ignore = () => {}
const allOf = ({ events }: OpenLetter) => new Set(events.map(({ message_id }) => message_id))

/** One that cannot be resolved as asked stops none of the others. */
async function startOrRefuse(
  order: Order,
  letter: OpenLetter,
  plan: ResolutionRequest['plan'],
): Promise<StartedRun> {
  try {
    return await startResolution(order, letter, plan(letter))
  } catch (error) {
    if (!(error instanceof LetterRefusedError)) throw error
    return { finished: Promise.resolve(refused(letter, error)) }
  }
}

function orderOf({ config, store, client }: Pipeline, request: ResolutionRequest): Order {
  const { action } = request
  return {
    ...checkWho(request),
    client,
    taskQueue: config.TEMPORAL_TASK_QUEUE,
    action,
    ...(action === 'republish' && {
      republish: ({ id }, messages) => republish(config, messages, { deadLetterId: id }),
    }),
    attemptsOf: async (id) => (await readStandings(store, [id]))[0]?.attempts ?? 0,
  }
}

async function openEvents(store: Reader, ids: ReadonlySet<string>): Promise<number> {
  const groups = await readGroups(store, 'open')
  return groups.filter(({ id }) => ids.has(id)).reduce((sum, { events }) => sum + events, 0)
}
