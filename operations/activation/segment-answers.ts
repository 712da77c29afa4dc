// The last answers of Segment: calls that it accepted by the activation log, and failures by the runs that wait.

import type { Client } from '@temporalio/client'
import pLimit from 'p-limit'
import { maskText } from '#contracts'
import { wallClockMs } from '#runtime/clock'
import type { Reader } from '#warehouse/read'
import { acceptedCalls } from '#warehouse/sql/accepted-calls'
import { asked } from './temporal-problem.ts'
import { daysAgo, WAITING_BATCHES, WAITING_LATER } from './waiting.ts'

export const RECENT_MINUTES = 10

export type Accepted = {
  /** When the last accepted call was recorded, RFC 3339. */
  readonly lastAt: string | null
  /** Calls recorded in the last ten minutes. */
  readonly recentCalls: number
}

/** @throws BigQueryError */
export async function readAccepted(read: Reader, days: number): Promise<Accepted> {
  const recent = new Date(wallClockMs() - RECENT_MINUTES * 60_000)
  const [row] = await read(acceptedCalls(daysAgo(days), recent))
  return { lastAt: row?.last_at ?? null, recentCalls: row?.calls ?? 0 }
}

export type SegmentFailure = {
  /** What the failure says, such as `Segment: answered 503`. */
  readonly message: string
  /** Activities whose last attempt failed with it, of those that were looked at. */
  readonly activities: number
  /** When the last of these attempts started, RFC 3339. */
  readonly lastAt: string | null
}

/** Of thousands of runs of a type that wait, these say what the others would. */
const LOOKED_AT = 20
const AT_ONCE = 8
const MAX_MESSAGE = 300

/** Those of the most activities first. @throws OperationError */
export async function readFailures(client: Client): Promise<SegmentFailure[]> {
  const limit = pLimit(AT_ONCE)
  const [batches, later] = await Promise.all([
    asked(firstRuns(client, WAITING_BATCHES)),
    asked(firstRuns(client, WAITING_LATER)),
  ])
  const runs = [...batches, ...later]
  const failures = await asked(
    Promise.all(runs.map((workflowId) => limit(() => lastFailures(client, workflowId)))),
  )
  const found = new Map<string, SegmentFailure>()
  for (const { message, at } of failures.flat()) {
    const before = found.get(message)
    const lastAt = [before?.lastAt ?? '', at ?? ''].toSorted().at(-1) || null
    found.set(message, { message, activities: (before?.activities ?? 0) + 1, lastAt })
  }
  return [...found.values()].toSorted((a, b) => b.activities - a.activities)
}

async function firstRuns(client: Client, query: string): Promise<string[]> {
  const runs: string[] = []
  for await (const { workflowId } of client.workflow.list({ query })) {
    runs.push(workflowId)
    if (runs.length === LOOKED_AT) break
  }
  return runs
}

const ACTIVATIONS: ReadonlySet<string> = new Set(['activateEvents', 'activateWaiting'])

async function lastFailures(client: Client, workflowId: string) {
  const { raw } = await client.workflow.getHandle(workflowId).describe()
  return (raw.pendingActivities ?? []).flatMap(({ activityType, lastFailure, lastStartedTime }) => {
    if (!ACTIVATIONS.has(activityType?.name ?? '') || !lastFailure) return []
    const [line = ''] = (lastFailure.message ?? '').split('\n')
    const seconds = Number(lastStartedTime?.seconds ?? 0)
    const at = seconds > 0 ? new Date(seconds * 1000).toISOString() : null
    return [{ message: maskText(line).slice(0, MAX_MESSAGE), at }]
  })
}
