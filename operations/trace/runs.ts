// What Temporal knows of batches and dead letters: their status, what they wait for, and attempts that failed.

import { type Client, WorkflowNotFoundError } from '@temporalio/client'
import pLimit from 'p-limit'
import { isDeadLetterId } from '#contracts'
import { deadlineIn, wallClockMs } from '#runtime/clock'
import { connectClient } from '#runtime/temporal'
import { oneLine } from '../google.ts'
import type { Missing } from './ask.ts'
import { attemptsOf, type FailedAttempt, iso, shorten } from './attempts.ts'

/** A step that is being tried. */
export type Pending = {
  readonly step: string
  readonly attempt: number
  readonly lastFailure: string | null
  readonly nextAttemptAt: string | null
}

/** The latest run of a workflow, unless Temporal no longer has any. */
export type Run =
  | { readonly workflowId: string; readonly isKnown: false }
  | {
      readonly workflowId: string
      readonly isKnown: true
      /** Temporal's word: RUNNING, COMPLETED, FAILED, TERMINATED, TIMED_OUT, CANCELLED. */
      readonly status: string
      readonly startedAt: string
      readonly closedAt: string | null
      readonly pending: readonly Pending[]
      readonly failedAttempts: readonly FailedAttempt[]
    }

export type Runs = { readonly runs: readonly Run[]; readonly missing: readonly Missing[] }

/** A person waits: a Temporal that needs longer is told of as missing. */
const ANSWER_WITHIN_MS = 3_000
const CONNECT_WITHIN = '2 seconds'

const AT_ONCE = 10
const MAX_RUNS = 50

export type Temporal = {
  /** Never throws: what Temporal does not tell is `missing`. */
  readonly read: (workflowIds: readonly string[]) => Promise<Runs>
  readonly countOpenBatches: () => Promise<number | null>
  readonly close: () => Promise<void>
}

/** Connects at once and never throws: where Temporal is away, every answer says so. */
export function reachTemporal(): Temporal {
  const connecting = connectClient(CONNECT_WITHIN).then(
    (client) => ({ client }),
    (error: unknown) => ({ missing: [unavailable(messageOf(error))] }),
  )
  return {
    read: async (workflowIds) => {
      if (workflowIds.length === 0) return { runs: [], missing: [] }
      const reached = await connecting
      if ('missing' in reached) return { runs: [], ...reached }
      return readRuns(reached.client, workflowIds)
    },
    countOpenBatches: async () => {
      const reached = await connecting
      return 'client' in reached ? countOpen(reached.client) : null
    },
    close: async () => {
      const reached = await connecting
      if ('client' in reached) await reached.client.connection.close()
    },
  }
}

const unavailable = (said: string): Missing => ({
  part: 'Temporal',
  code: 'temporal_unavailable',
  said,
})

const notRead = (runs: number): Missing => ({ part: 'Temporal', code: 'runs_not_read', runs })

const messageOf = (error: unknown) => (error instanceof Error ? error.message : String(error))

/** Null where Temporal does not say. */
export async function countOpen(client: Client): Promise<number | null> {
  const query = "WorkflowType = 'processBatch' AND ExecutionStatus = 'Running'"
  const counting = client.connection.withDeadline(deadlineIn(ANSWER_WITHIN_MS), () =>
    client.workflow.count(query),
  )
  return counting.then(
    ({ count }) => count,
    () => null,
  )
}

/** Never throws: what Temporal does not tell is `missing`. */
export async function readRuns(client: Client, workflowIds: readonly string[]): Promise<Runs> {
  const limit = pLimit(AT_ONCE)
  const read = (workflowId: string) =>
    client.connection.withDeadline(deadlineIn(ANSWER_WITHIN_MS), () => readRun(client, workflowId))
  const asked = workflowIds.slice(0, MAX_RUNS)
  const answers = await Promise.allSettled(asked.map((id) => limit(() => read(id))))
  const runs = answers.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
  const refused = answers.find((one) => one.status === 'rejected')
  const rest = workflowIds.length - asked.length
  return {
    runs,
    missing: [
      ...(refused ? [unavailable(oneLine(refused.reason))] : []),
      ...(rest > 0 ? [notRead(rest)] : []),
    ],
  }
}

async function readRun(client: Client, workflowId: string): Promise<Run> {
  const handle = client.workflow.getHandle(workflowId)
  try {
    const { status, startTime, closeTime, raw } = await handle.describe()
    // A dead letter fails by design; what its steps went through is of no interest here.
    const isBatch = !isDeadLetterId(workflowId)
    return {
      workflowId,
      isKnown: true,
      status: status.name,
      startedAt: iso(startTime),
      closedAt: closeTime ? iso(closeTime) : null,
      pending: (raw.pendingActivities ?? []).map(toPending),
      failedAttempts: isBatch ? attemptsOf(await handle.fetchHistory()) : [],
    }
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return { workflowId, isKnown: false }
    throw error
  }
}

type RawPending = NonNullable<
  Awaited<
    ReturnType<ReturnType<Client['workflow']['getHandle']>['describe']>
  >['raw']['pendingActivities']
>[number]

/** Pure. */
export function toPending({
  activityType,
  attempt,
  lastFailure,
  scheduledTime,
}: RawPending): Pending {
  const next = scheduledTime ? Number(scheduledTime.seconds ?? 0) * 1000 : Number.NaN
  return {
    step: activityType?.name ?? 'a step',
    attempt: attempt ?? 1,
    lastFailure: lastFailure?.message ? shorten(lastFailure.message) : null,
    nextAttemptAt: next > wallClockMs() ? iso(new Date(next)) : null,
  }
}
