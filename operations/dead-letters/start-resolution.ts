// Resolves one dead letter: starts another run of its workflow id.

import {
  type Client,
  WorkflowExecutionAlreadyStartedError,
  WorkflowIdConflictPolicy,
  WorkflowIdReusePolicy,
} from '@temporalio/client'
import {
  type Action,
  describeDeadLetter,
  MAX_INPUT_BYTES,
  markdownText,
  type Resolution,
  type RunId,
  WORKFLOW,
  whoseOf,
} from '#contracts'
import { deadLetterAttributes } from '#contracts/dead-letter/search-attributes'
import { wallClock } from '#runtime/clock'
import { ATTEMPT, type LastRun, lastRun } from './last-run.ts'
import { limitedTo, type OpenLetter, toDeadLetter, toInput } from './open-letters.ts'
import { busy, gone, type Outcome, outcomeOf } from './outcome.ts'
import { encodePlanned, type Planned } from './plan.ts'
import type { Who } from './who.ts'

/** Who wants what done, where. */
export type Order = Who & {
  readonly client: Client
  readonly taskQueue: string
  readonly action: Action
  /** Sends the events to the retry topic, where that is what was asked for. */
  readonly republish?: (letter: OpenLetter, messages: Planned['messages']) => Promise<unknown>
  /** How often a dead letter was resolved, as the table says now. */
  readonly attemptsOf: (id: string) => Promise<number>
}

/** `finished` does not reject for what became of the events. */
export type StartedRun = {
  /** The run under way, where one was started. */
  readonly run?: RunId
  readonly finished: Promise<Outcome>
}

/** After what comes in now: Temporal's default is 3. */
const PRIORITY = { priorityKey: 4 }

/**
 * Starts the run. Twice, or by two people at once, it starts one run only.
 * @param planned what a redrive carries; the other actions carry nothing
 * @throws LetterRefusedError where the events do not fit a run, or cannot be published again
 */
export async function startResolution(
  order: Order,
  letter: OpenLetter,
  planned: Planned | null,
): Promise<StartedRun> {
  const { client } = order
  const last = await lastRun(client, letter.id)
  if (await isOutdated(order, letter, last))
    return { finished: Promise.resolve(gone(letter, false)) }
  const resolution = toResolution(order, letter, planned, last)
  const batch = planned && order.action === 'redrive' ? [encodePlanned(planned)] : []
  // Before it is closed: what is published twice is counted once, and nothing is closed that was not published.
  if (planned && !last?.isRunning) await order.republish?.(letter, planned.messages)
  try {
    const handle = await startRun(order, letter, resolution, batch)
    return {
      run: { workflowId: letter.id, runId: handle.firstExecutionRunId },
      finished: outcomeOf(letter, resolution.events, handle.result()),
    }
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error
    return { finished: whyNotStarted(client, letter) }
  }
}

function startRun(
  { client, taskQueue, action }: Order,
  letter: OpenLetter,
  resolution: Resolution,
  batch: readonly Uint8Array[],
) {
  const { attempt, events } = resolution
  const whole = toDeadLetter({
    id: letter.id,
    events: [...letter.events, ...(letter.others ?? [])],
  })
  const whose = markdownText(whoseOf(toDeadLetter(letter)))
  const summary = `${action} ${attempt} of ${events} events of ${whose} at ${whole.stage}`
  return client.workflow.start(WORKFLOW.deadLetter, {
    workflowId: letter.id,
    taskQueue,
    args: [toInput(letter, roomFor(resolution, batch)), resolution, ...batch],
    workflowIdReusePolicy: WorkflowIdReusePolicy.ALLOW_DUPLICATE_FAILED_ONLY,
    workflowIdConflictPolicy: WorkflowIdConflictPolicy.FAIL,
    typedSearchAttributes: deadLetterAttributes(whole),
    staticDetails: describeDeadLetter(whole, letter.id).details,
    staticSummary: summary.slice(0, MAX_SUMMARY),
    memo: { [ATTEMPT]: attempt },
    priority: PRIORITY,
  })
}

/** Bytes that the other inputs leave for the dead letter. */
const roomFor = (resolution: Resolution, batch: readonly Uint8Array[]) =>
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
    previousRunId: last?.runId ?? null,
    staged: planned?.staged ?? [],
    ...limitedTo(letter),
    ...(planned?.isUnaudited && { isUnaudited: true }),
  }
}

/** Temporal takes 400 bytes, encrypted. */
const MAX_SUMMARY = 250

/**
 * True where another run resolved it after `letter` was read: fewer of its events are open now. A run that wrote
 * nothing to the table, because it was terminated for example, does not count.
 */
async function isOutdated(
  { attemptsOf }: Order,
  { id, attempts }: OpenLetter,
  last: LastRun | null,
): Promise<boolean> {
  if (!last || last.isRunning || last.attempt <= attempts) return false
  return (await attemptsOf(id)) > attempts
}

async function whyNotStarted(client: Client, letter: OpenLetter): Promise<Outcome> {
  const { status } = await client.workflow.getHandle(letter.id).describe()
  return status.name === 'RUNNING' ? busy(letter) : gone(letter, true)
}
