// Handles one dead letter: another run of its workflow id, and what came of it.

import {
  type Client,
  WorkflowExecutionAlreadyStartedError,
  WorkflowFailedError,
  WorkflowIdConflictPolicy,
  WorkflowIdReusePolicy,
} from '@temporalio/client'
import { ApplicationFailure } from '@temporalio/common'
import proto from '@temporalio/proto'
import {
  type Action,
  DEAD_LETTER_FAILURE,
  describeDeadLetter,
  MAX_INPUT_BYTES,
  markdownText,
  type Resolution,
  type RunId,
  WORKFLOW,
  whoseOf,
} from '#contracts'
import { deadLetterAttributes } from '#contracts/dead-letter/search-attributes'
import { wallClock, wallClockMs } from '#runtime/clock'
import { UsageError } from '#runtime/errors'
import { ATTEMPT, type LastRun, lastRun } from './last-run.ts'
import { limitedTo } from './limited-to.ts'
import { type OpenLetter, toDeadLetter, toInput } from './open-letters.ts'
import { encodePlanned, type Planned } from './plan.ts'
import { idsOf, rootOf } from './run-failure.ts'
import { shortId } from './short-id.ts'

/** Who wants what done, where. */
export type Order = {
  readonly client: Client
  readonly taskQueue: string
  readonly action: Action
  readonly actor: string
  readonly reason: string
  /** Sends the events to the retry topic, where that is what was asked for. */
  readonly republish?: (letter: OpenLetter, messages: Planned['messages']) => Promise<unknown>
  /** How often a dead letter was handled, as the table says now. */
  readonly attemptsOf: (id: string) => Promise<number>
}

export type Outcome = {
  readonly id: string
  /**
   * closed: nothing of it that was asked for is open. failed: some events failed again. busy: somebody handles it at this moment.
   * gone: somebody closed it, or handled it a moment ago. broken: the run ended by a defect. refused: it cannot be
   * handled as asked, and was left as it is.
   */
  readonly outcome: 'closed' | 'failed' | 'busy' | 'gone' | 'broken' | 'refused'
  readonly events: number
  /** Message ids of the events that failed again. */
  readonly failed: readonly string[]
  /** What a person should know. */
  readonly message: string | null
}

/** `finished` never rejects for what became of the events. */
export type StartedRun = {
  /** The run under way, where one was started. */
  readonly run?: RunId
  readonly finished: Promise<Outcome>
}

/** Behind what comes in now: Temporal's default is 3. */
const PRIORITY = { priorityKey: 4 }

/**
 * Starts the run. Twice, or by two people at once, it starts one run only.
 * @param planned what a redrive carries; the other actions carry nothing
 */
export async function hand(
  order: Order,
  letter: OpenLetter,
  planned: Planned | null,
): Promise<StartedRun> {
  const { client, taskQueue } = order
  const last = await lastRun(client, letter.id)
  if (await isOutdated(order, letter, last)) return { finished: Promise.resolve(outdated(letter)) }
  const whole = toDeadLetter({
    id: letter.id,
    events: [...letter.events, ...(letter.others ?? [])],
  })
  const resolution = toResolution(order, letter, planned, last)
  const batch = planned && order.action === 'redrive' ? [encodePlanned(planned)] : []
  // Before it is closed: what is published twice is counted once, and nothing is closed that was not published.
  if (planned && !last?.isRunning) await order.republish?.(letter, planned.messages)
  try {
    const handle = await client.workflow.start(WORKFLOW.deadLetter, {
      workflowId: letter.id,
      taskQueue,
      args: [toInput(letter, roomBeside(resolution, batch)), resolution, ...batch],
      workflowIdReusePolicy: WorkflowIdReusePolicy.ALLOW_DUPLICATE_FAILED_ONLY,
      workflowIdConflictPolicy: WorkflowIdConflictPolicy.FAIL,
      typedSearchAttributes: deadLetterAttributes(whole),
      staticDetails: describeDeadLetter(whole, letter.id).details,
      staticSummary:
        `${order.action} ${resolution.attempt} of ${resolution.events} events of ${markdownText(whoseOf(toDeadLetter(letter)))} at ${whole.stage}`.slice(
          0,
          MAX_SUMMARY,
        ),
      memo: { [ATTEMPT]: resolution.attempt },
      priority: PRIORITY,
    })
    return {
      run: { workflowId: letter.id, runId: handle.firstExecutionRunId },
      finished: handle.result().then(
        () => closed(letter, resolution.events),
        (error: unknown) => notClosed(letter, resolution.events, error),
      ),
    }
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error
    return { finished: whyRefused(client, letter) }
  }
}

const roomBeside = (resolution: Resolution, batch: readonly Uint8Array[]) =>
  batch.reduce(
    (room, { length }) => room - length,
    MAX_INPUT_BYTES - Buffer.byteLength(JSON.stringify(resolution)),
  )

function toResolution(
  { action, actor, reason }: Order,
  letter: OpenLetter,
  planned: Planned | null,
  last: LastRun | null,
): Resolution {
  return {
    action,
    events: planned?.messages.length ?? letter.events.length,
    attempt: Math.max(letter.attempts, last?.attempt ?? 0) + 1,
    actor,
    reason,
    patch: planned?.patch ?? null,
    occurredAt: wallClock().toISOString(),
    redriveOf: last?.runId ?? null,
    staged: planned?.staged ?? [],
    ...limitedTo(letter),
    ...(planned?.isUnaudited && { isUnaudited: true }),
  }
}

/** Temporal takes 400 bytes, encrypted. */
const MAX_SUMMARY = 250

/**
 * True where somebody handled it after `letter` was read: what is open of it is less now. A run that left no word in
 * the table, because it was terminated for example, does not count.
 */
async function isOutdated(
  { attemptsOf }: Order,
  { id, attempts }: OpenLetter,
  last: LastRun | null,
): Promise<boolean> {
  if (!last || last.isRunning || last.attempt <= attempts) return false
  return (await attemptsOf(id)) > attempts
}

const outdated = ({ id, events }: OpenLetter): Outcome => ({
  id,
  outcome: 'gone',
  events: events.length,
  failed: [],
  message: `somebody handled it a moment ago; nothing was changed. What is open of it: ${showOf(id)}`,
})

export const refused = ({ id, events }: OpenLetter, message: string): Outcome => ({
  id,
  outcome: 'refused',
  events: events.length,
  failed: [],
  message,
})

const closed = ({ id }: OpenLetter, events: number): Outcome => ({
  id,
  outcome: 'closed',
  events,
  failed: [],
  message: null,
})

function notClosed({ id }: OpenLetter, events: number, error: unknown): Outcome {
  if (!(error instanceof WorkflowFailedError)) throw error
  const { cause } = error
  const about = { id, events, failed: [] }
  if (cause instanceof ApplicationFailure && cause.type === DEAD_LETTER_FAILURE) {
    const failed = idsOf(cause)
    // Its run fails for the events of others, too, which were not asked for.
    if (failed.length === 0) return { ...about, outcome: 'closed', message: null }
    return { ...about, outcome: 'failed', failed, message: cause.message }
  }
  const why = rootOf(error).message
  const message = `its run ended before it was done, so it is open as before: ${why}. Mend that, then give the command again; where it is not clear, look at the run of ${id} in Temporal.`
  return { ...about, outcome: 'broken', message }
}

async function whyRefused(client: Client, { id, events }: OpenLetter): Promise<Outcome> {
  const about = { id, events: events.length, failed: [] }
  const { status } = await client.workflow.getHandle(id).describe()
  return status.name === 'RUNNING'
    ? {
        ...about,
        outcome: 'busy',
        message: `somebody is handling it at this moment; nothing was changed. What comes of it: ${showOf(id)}`,
      }
    : {
        ...about,
        outcome: 'gone',
        message: 'it was closed before; nothing was changed.',
      }
}

const showOf = (id: string) => `npm run dlq -- show ${shortId(id)}`

/** A worker that polls comes back within a minute. */
const POLLED_WITHIN_MS = 70_000

const { TaskQueueType } = proto.temporal.api.enums.v1

/** @throws UsageError where no worker serves the queue: what is started would wait for one */
export async function requireWorker({ client, taskQueue }: Order): Promise<void> {
  const { pollers } = await client.workflowService.describeTaskQueue({
    namespace: client.options.namespace,
    taskQueue: { name: taskQueue },
    taskQueueType: TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW,
  })
  const isServed = pollers.some(
    ({ lastAccessTime }) =>
      wallClockMs() - Number(lastAccessTime?.seconds ?? 0) * 1000 < POLLED_WITHIN_MS,
  )
  if (isServed) return
  throw new UsageError(
    `No worker serves task queue ${taskQueue}: start one (npm run worker), or correct TEMPORAL_TASK_QUEUE. Nothing was changed.`,
  )
}
