// Runs within an activity thread: executes the calls of the main thread, and shows that its event loop is not blocked.

import { setImmediate as nextTurn } from 'node:timers/promises'
import { parentPort, workerData } from 'node:worker_threads'
import { asyncLocalStorage, type Info } from '@temporalio/activity'
import type { Logger } from '#runtime/log'
import { createContext } from './activity-context.ts'
import {
  CELL,
  type FromThread,
  NO_MESSAGE,
  type Outcome,
  packError,
  type ThreadData,
  type ToThread,
} from './protocol.ts'
import { ownTask } from './thread-cpu.ts'
import type { ThreadMeter } from './thread-meter.ts'

const BEAT_MS = 100

export type Served = {
  readonly activities: Readonly<Record<string, (...args: never[]) => Promise<unknown>>>
  readonly metrics: Pick<ThreadMeter, 'take'>
  readonly log: Logger
  /** Closes the connections of the activities. */
  readonly close: () => Promise<void>
}

const data: ThreadData | null = workerData

/** Tells the main thread which message is being parsed, so that it knows the message that blocks the thread. */
export const markMessage = {
  begin: (index: number): void => void (data && Atomics.store(data.cells, CELL.message, index)),
  end: (): void => void (data && Atomics.store(data.cells, CELL.message, NO_MESSAGE)),
}

/** @throws Error where this is not an activity thread */
export function serveActivities({ activities, metrics, log, close }: Served): void {
  const port = parentPort
  if (!port || !data) throw new Error('activities are served in an activity thread only')
  const { cells } = data
  const post = (message: FromThread) => port.postMessage(message)
  const cancels = new Map<number, (reason: string) => void>()

  const call = async (id: number, name: string, args: readonly unknown[], info: Info) => {
    Atomics.store(cells, CELL.call, id)
    const beat = (details: unknown) => post({ kind: 'heartbeat', id, details })
    const { context, cancel } = createContext(info, beat, log)
    cancels.set(id, cancel)
    const outcome = await asyncLocalStorage.run(context, () => settle(activities[name], args))
    cancels.delete(id)
    post({ kind: 'settled', id, outcome, metrics: metrics.take() })
  }

  const inTurn = createTurns()
  setInterval(() => Atomics.add(cells, CELL.beat, 1), BEAT_MS)
  port.on('message', (message: ToThread) => {
    if (message.kind === 'call')
      inTurn(() => void call(message.id, message.name, message.args, message.info))
    if (message.kind === 'cancel') inTurn(() => cancels.get(message.id)?.(message.reason))
    if (message.kind === 'close') void close().finally(() => process.exit())
  })
  post({ kind: 'ready', names: Object.keys(activities), task: ownTask() })
}

/**
 * Begins one thing a turn of the event loop. Node hands over all messages that have come in one turn: the first steps of many
 * calls together would look like one call that blocks the thread.
 */
function createTurns(): (begin: () => void) => void {
  let last: Promise<void> = Promise.resolve()
  return (begin) => {
    last = last.then(() => {
      begin()
      return nextTurn()
    })
  }
}

async function settle(
  activity: Served['activities'][string] | undefined,
  args: readonly unknown[],
): Promise<Outcome> {
  try {
    if (!activity) throw new TypeError('there is no such activity')
    // The workflow that passes the arguments is compiled with the types of the activities.
    return { result: await Reflect.apply(activity, undefined, args) }
  } catch (error) {
    return { failure: packError(error) }
  }
}
