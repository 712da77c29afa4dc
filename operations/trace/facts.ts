// Puts rows and runs together by event: what a message became, and the dead letters it went through. Pure.

import { compare } from '#runtime/compare'
import { groupBy } from '#runtime/group-by'
import type { HandledRow } from '#warehouse/sql/order-actions'
import type { ActivationRow, AuditRow, DeadRow, StagedRow } from '#warehouse/sql/order-rows'
import type { Missing } from './ask.ts'
import type { Subject } from './find.ts'
import type { Rows } from './rows.ts'
import type { Run } from './runs.ts'

/** Everything that the tables and Temporal have of one subject; `missing` is what could not be read. */
export type Facts = {
  readonly subject: Subject
  readonly rows: Rows
  readonly runs: readonly Run[]
  readonly missing: readonly Missing[]
}

/** One dead letter, as far as it holds the messages of one event. */
export type Letter = {
  readonly id: string
  readonly stage: string
  /** Of the last attempt. */
  readonly reasons: readonly string[]
  /** 0 as it first failed, else the redrive it failed again in. */
  readonly attempt: number
  readonly isOpen: boolean
  /** The actions on it, oldest first. */
  readonly handled: readonly HandledRow[]
}

/** An event with all its messages, or a message that never became one. */
export type Item = {
  readonly type: 'purchase' | 'cancellation' | null
  readonly publishedAt: string
  readonly audited: readonly AuditRow[]
  readonly staged: readonly StagedRow[]
  readonly activated: readonly ActivationRow[]
  readonly letters: readonly Letter[]
  /** Of its batches. */
  readonly runs: readonly Run[]
}

type AnyRow = AuditRow | StagedRow | ActivationRow | DeadRow

/** Oldest first. Messages of the same event are one item, whether they repeat it or a redrive made it whole. */
export function itemsOf({ rows, runs }: Facts): Item[] {
  const keyOf = itemKeys(rows)
  const groups = groupBy(
    [...rows.audited, ...rows.staged, ...rows.activated, ...rows.dead],
    (row) => keyOf.get(row.message_id) ?? row.message_id,
  )
  return [...groups.values()]
    .map((group) => itemOf(group, rows, runs))
    .toSorted((a, b) => compare(a.publishedAt, b.publishedAt))
}

/** By message: the event it is, where anything accepted says so, else itself. */
function itemKeys({ audited, staged, activated }: Rows): ReadonlyMap<string, string> {
  const accepted = audited.filter(({ decision }) => decision === 'accepted')
  return new Map(
    [...accepted, ...staged, ...activated].map((row) => [
      row.message_id,
      JSON.stringify([row.type, row.event_id]),
    ]),
  )
}

function itemOf(group: readonly AnyRow[], rows: Rows, runs: readonly Run[]): Item {
  const own = <Row extends AnyRow>(all: readonly Row[]) => {
    const chosen = new Set<AnyRow>(group)
    return all.filter((row) => chosen.has(row)).toSorted(byTime)
  }
  const batches = new Set(group.map((row) => row.batch_id))
  const publishTimes = group.map((row) => row.publish_time).toSorted()
  return {
    type: group.find(({ type }) => type !== null)?.type ?? null,
    publishedAt: publishTimes[0] ?? '',
    audited: own(rows.audited),
    staged: own(rows.staged),
    activated: own(rows.activated),
    letters: lettersOf(own(rows.dead), rows.handled, runs),
    runs: runs.filter(({ workflowId }) => batches.has(workflowId)),
  }
}

/** When the row came to be; a row without it is as old as its message. */
export const writtenAt = (row: AnyRow) => row.ingested_at ?? row.publish_time

const byTime = (a: AnyRow, b: AnyRow) => compare(writtenAt(a), writtenAt(b))

function lettersOf(
  dead: readonly DeadRow[],
  log: readonly HandledRow[],
  runs: readonly Run[],
): Letter[] {
  const groups = groupBy(dead, (row) => row.dead_letter_id)
  return [...groups].map(([id, rows]) => letterOf(id, rows, log, runs))
}

/** An action is about a whole dead letter, or about the messages it names. */
const isAbout = ({ message_ids = [] }: HandledRow, rows: readonly DeadRow[]) =>
  message_ids.length === 0 || rows.some(({ message_id }) => message_ids.includes(message_id))

/** Open as the view `open_dead_letter` has it; without a line in the log, as the latest run has it. */
function letterOf(
  id: string,
  rows: readonly DeadRow[],
  log: readonly HandledRow[],
  runs: readonly Run[],
): Letter {
  const handled = log
    .filter((row) => row.dead_letter_id === id && isAbout(row, rows))
    .toSorted((a, b) => a.attempt - b.attempt)
  const attempt = Math.max(...rows.map((row) => row.attempt))
  const last = rows.filter((row) => row.attempt === attempt)
  const failed = handled.filter(({ outcome }) => outcome === 'failed')
  const lastFailed = Math.max(0, ...failed.map((row) => row.attempt))
  const isClosed = handled.some(({ outcome }) => outcome === 'closed')
  const run = runs.find(({ workflowId }) => workflowId === id)
  const isCompleted = handled.length === 0 && run?.isKnown === true && run.status === 'COMPLETED'
  return {
    id,
    stage: last[0]?.stage ?? '',
    reasons: [...new Set(last.flatMap(({ reasons }) => reasons))],
    attempt,
    isOpen: !isClosed && !isCompleted && attempt >= lastFailed,
    handled,
  }
}
