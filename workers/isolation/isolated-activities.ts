// The activities that a worker registers: each call runs in an activity thread, and a call that blocks its thread is identified and
// fails.

import { Context } from '@temporalio/activity'
import { ApplicationFailure } from '@temporalio/common'
import pLimit from 'p-limit'
import { BATCH_OVERTIME, type OvertimeDetails } from '#contracts/failure-types'
import type { Logger } from '#runtime/log'
import type { IsolationMetrics } from '#runtime/metrics/groups'
import { type ActivityThread, startActivityThread, type ThreadOptions } from './activity-thread.ts'
import { type KeptThread, keepThread } from './keep-thread.ts'
import { type ActivityCall, ThreadLostError } from './pending-calls.ts'
import { createSuspects } from './suspects.ts'
import { createSupply } from './thread-supply.ts'

/**
 * An activity that Temporal has given up notices it within this time, because its requests have 60 s to answer. An activity that
 * still runs after it never ends, and its thread is replaced.
 */
const ABANDONED_MS = 3 * 60_000

/** On a machine that is not short of CPU, a blocked thread is noticed within this time. */
const GIVEN_UP_MS = 3_000

export type IsolationOptions = ThreadOptions & {
  readonly metrics: IsolationMetrics
  readonly log: Logger
}

export type IsolatedActivities = {
  readonly activities: Readonly<Record<string, (...args: unknown[]) => Promise<unknown>>>
  close(): Promise<void>
}

/**
 * Calls share one thread. Where that thread is lost, each call that it had begun runs once more, alone in a second thread, so
 * that calls without a problem finish. A call that blocks the second thread as well fails as `batch_overtime`. Later calls of the
 * same step and run never use the shared thread, and a repeat of that call fails at once.
 * @param start starts another thread
 * @throws the error of a thread that fails while it starts
 */
export async function isolateActivities(
  options: IsolationOptions,
  start: () => Promise<ActivityThread> = () => startActivityThread(options),
): Promise<IsolatedActivities> {
  const first = await start()
  const { metrics, log } = options
  const supply = createSupply(start, log)
  const keeping = { next: () => supply.take(), metrics, log }
  const shared = keepThread({ ...keeping, role: 'shared', first: Promise.resolve(first) })
  const quarantine = keepThread({ ...keeping, role: 'quarantine', first: supply.take() })
  const run = createRun(shared, quarantine, options)
  for (const activity of first.names) metrics.stepsIsolated.add(0, { activity })
  return {
    activities: Object.fromEntries(first.names.map((name) => [name, proxy(name, run)])),
    close: async () => {
      await Promise.all([shared.close(), quarantine.close(), supply.close()])
    },
  }
}

type Run = (call: ActivityCall) => Promise<unknown>

function proxy(name: string, run: Run) {
  return (...args: unknown[]): Promise<unknown> => {
    const { info, cancellationSignal: signal, heartbeat } = Context.current()
    return run({ name, args, info, signal, heartbeat })
  }
}

function createRun(
  shared: KeptThread,
  quarantine: KeptThread,
  { metrics, log }: IsolationOptions,
): Run {
  const suspects = createSuspects()
  const oneAtATime = pLimit(1)

  const convict = (call: ActivityCall, lost: ThreadLostError) => {
    const { workflowExecution, activityType } = call.info
    const reason = lost.message
    log.warn({ ...workflowExecution, activityType, reason }, 'an activity cannot be finished')
    if (suspects.convict(call, lost)) metrics.stepsIsolated.add(1, { activity: activityType })
  }
  const runWatched = async (call: ActivityCall): Promise<unknown> => {
    const known = suspects.verdictOn(call)
    if (known) throw overtime(call, known)
    try {
      return await runAlone(quarantine, call)
    } catch (error) {
      const isStuck = error instanceof ThreadLostError && !error.isGivenUp
      if (isStuck) convict(call, error)
      call.signal.throwIfAborted()
      throw isStuck ? overtime(call, error) : error
    } finally {
      // A call that Temporal has given up has not been cleared: the next attempt runs alone as well.
      if (!call.signal.aborted) suspects.acquit(call)
    }
  }
  const runInQuarantine: Run = (call) => oneAtATime(runWatched, call)
  const run: Run = async (call) => {
    if (suspects.has(call)) return runInQuarantine(call)
    try {
      return await runShared(shared, call)
    } catch (error) {
      if (!(error instanceof ThreadLostError)) throw error
      if (!error.hadBegun) return run(call)
      suspects.add(call)
      return runInQuarantine(call)
    }
  }
  return run
}

async function runShared(shared: KeptThread, call: ActivityCall): Promise<unknown> {
  const thread = await shared.current()
  let timer: NodeJS.Timeout | undefined
  const giveUpLater = () => {
    timer = setTimeout(() => thread.destroy(`${call.name} did not end`), ABANDONED_MS).unref()
  }
  call.signal.addEventListener('abort', giveUpLater, { once: true })
  if (call.signal.aborted) giveUpLater()
  try {
    return await thread.run(call)
  } finally {
    call.signal.removeEventListener('abort', giveUpLater)
    clearTimeout(timer)
  }
}

/** Where Temporal gives the activity up and it does not end soon, its thread is destroyed, so that the next call runs alone. */
async function runAlone(quarantine: KeptThread, call: ActivityCall): Promise<unknown> {
  const thread = await quarantine.current()
  call.signal.throwIfAborted()
  let timer: NodeJS.Timeout | undefined
  const giveUpSoon = () => {
    timer = setTimeout(() => thread.destroy(`${call.name} did not end`, true), GIVEN_UP_MS)
  }
  call.signal.addEventListener('abort', giveUpSoon, { once: true })
  try {
    return await thread.run(call)
  } finally {
    call.signal.removeEventListener('abort', giveUpSoon)
    clearTimeout(timer)
  }
}

function overtime({ name }: ActivityCall, { message, messageIndex }: ThreadLostError) {
  const details: OvertimeDetails = { suspect: messageIndex }
  return ApplicationFailure.create({
    type: BATCH_OVERTIME,
    message: `A worker could not finish ${name}, alone in its thread: ${message}`,
    nonRetryable: true,
    details: [details],
  })
}
