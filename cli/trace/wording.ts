// Words a trace for people, and for programs that read `--json`. Pure.

import { DATASET } from '#contracts'
import type { Facts } from '#operations/trace/facts'
import type { Subject } from '#operations/trace/find'
import type { TraceResult } from '#operations/trace/trace'
import { answerOf } from './answer.ts'
import { type Entry, timelineOf } from './timeline.ts'
import { missingLines, toUnread, type Unread } from './unread.ts'

/** One order of one partner, or one message whose order cannot be read. */
export type Trace = {
  readonly partnerId: string
  readonly orderId: string | null
  /** One sentence. */
  readonly answer: string
  readonly timeline: readonly Entry[]
  /** What could not be asked: the rest of the answer stands. */
  readonly missing: readonly Unread[]
}

/** What `--json` prints. */
export type Traced = {
  readonly id: string
  readonly found: boolean
  readonly traces: readonly Trace[]
  /** Why there is no trace, or what more there is. */
  readonly notes: readonly string[]
}

/** @param now where the timeline puts what is still waited for; RFC 3339 in UTC with six digits */
export function worded(result: TraceResult, now: string): Traced {
  const { search, traces, others } = result
  const isFound = traces.length > 0
  return {
    id: search.id,
    found: isFound,
    traces: traces.map((facts) => wordedTrace(facts, now)),
    notes: isFound ? othersNote(others) : notFoundNotes(result),
  }
}

function wordedTrace(facts: Facts, now: string): Trace {
  const { partnerId, orderId } = facts.subject
  return {
    partnerId,
    orderId,
    answer: answerOf(facts),
    timeline: timelineOf(facts, now),
    missing: facts.missing.map(toUnread),
  }
}

function othersNote(others: readonly Subject[]): string[] {
  if (others.length === 0) return []
  const partners = [...new Set(others.map(({ partnerId }) => partnerId))].join(', ')
  return [`${others.length} more have this id, of ${partners}: choose one with --partner.`]
}

function notFoundNotes({ search, searched, missing, openBatches }: TraceResult): string[] {
  const { id, partner, since } = search
  const unread = missingLines(missing.map(toUnread))
  if (searched.length === 0) return [...unread, nothingSearched(id)]
  const of = partner === undefined ? '' : ` of ${partner}`
  const from = since === undefined ? '' : ` published since ${since.toISOString()}`
  const wider = from ? `, look further back (such as --since 365d),` : ''
  return [
    ...unread,
    `No order, event or message ${id}${of}${from} in ${searched.join(', ')}.`,
    `${waitFor(openBatches)}${wider} or ask the partner whether it was published.`,
  ]
}

const nothingSearched = (id: string) =>
  `Nothing could be searched for ${id}. Where BigQuery does not answer, ask again once it does; where tables of the dataset ${DATASET} are missing, run \`npm run setup\`.`

function waitFor(openBatches: number | null): string {
  if (openBatches === null || openBatches === 0) return 'Check the id (capitals count)'
  const batches = openBatches === 1 ? '1 batch is' : `${openBatches} batches are`
  return `${batches} being processed and may hold it: ask again in a few seconds. Otherwise check the id (capitals count)`
}
