// Everything that happened to an order, in time order: one entry for each message, decision, row, attempt and action. Pure.

import { maskText } from '#contracts'
import { type Facts, writtenAt } from '#operations/trace/facts'
import type { Rows } from '#operations/trace/rows'
import type { Run } from '#operations/trace/runs'
import { type Version, versionsOf } from '#operations/trace/versions'
import { compare } from '#runtime/compare'
import type { HandledRow } from '#warehouse/sql/order-actions'
import type { DeadRow } from '#warehouse/sql/order-rows'
import { pendingPart } from './answer.ts'
import { googleAdsPart } from './google-ads.ts'

export type Entry = {
  /** RFC 3339, UTC, six digits. */
  readonly at: string
  readonly what: What
  readonly text: string
  /** The table, or Temporal. */
  readonly source: string
}

/** In the order in which they follow each other where their times are the same. */
const ORDER = [
  'published',
  'batch',
  'decision',
  'staged',
  'attempt',
  'activation',
  'dead letter',
  'redrive',
  'republish',
  'discard',
  'run',
  'waiting',
] as const
export type What = (typeof ORDER)[number]

/** @param now where what is still waited for stands */
export function timelineOf({ rows, runs }: Facts, now: string): Entry[] {
  const entries = [
    ...publications(rows),
    ...decisions(rows),
    ...stagings(rows),
    ...activations(rows),
    ...rows.dead.map(deadEntry),
    ...rows.handled.map(handledEntry),
    ...runs.flatMap((run) => runEntries(run, now)),
  ]
  return unrepeated(entries).toSorted(
    (a, b) =>
      compare(a.at, b.at) ||
      ORDER.indexOf(a.what) - ORDER.indexOf(b.what) ||
      compare(a.text, b.text),
  )
}

/** A retry may have written a row twice: the first one is when it happened. */
function unrepeated(entries: readonly Entry[]): Entry[] {
  const first = new Map<string, Entry>()
  for (const entry of entries) {
    const key = JSON.stringify([entry.what, entry.source, entry.text])
    const known = first.get(key)
    if (!known || entry.at < known.at) first.set(key, entry)
  }
  return [...first.values()]
}

function publications({ audited, staged, dead }: Rows): Entry[] {
  const again = new Map(audited.map((row) => [row.message_id, row.redrive_of]))
  return [...audited, ...staged, ...dead].map((row) => {
    const origin = again.get(row.message_id) ?? null
    const text = `message ${row.message_id}${origin === null ? '' : `, again from ${origin}`}`
    return { at: row.publish_time, what: 'published', text, source: 'Pub/Sub' }
  })
}

function decisions({ audited }: Rows): Entry[] {
  return audited.map((row) => {
    const event = row.event_id === null ? '' : `, event ${row.event_id}`
    const why = row.reasons.length > 0 ? `: ${row.reasons.join(', ')}` : ''
    const text = `${row.type ?? 'message'} ${row.decision}${why} (message ${row.message_id}${event}) in ${row.batch_id}`
    return { at: writtenAt(row), what: 'decision', text, source: 'audit_log' }
  })
}

function stagings({ staged }: Rows): Entry[] {
  const versions = versionsOf(staged)
  return staged.map((row) => ({
    at: writtenAt(row),
    what: 'staged',
    text: `${row.type ?? 'event'} ${row.event_id}${versionPart(versions.get(row))} (message ${row.message_id}) in ${row.batch_id}`,
    source: `staging_${row.type ?? 'purchase'}`,
  }))
}

/** Nothing where the event has one version. */
function versionPart(version: Version | undefined): string {
  return version && version.of > 1 ? `, version ${version.number} of ${version.of}` : ''
}

const ANSWER: Readonly<Record<string, string>> = {
  accepted: 'accepted by Segment',
  not_activated: 'held back from Segment',
  failed: 'not activated',
  waiting: 'waits before it is sent to Segment',
  sending: 'is being sent to Segment',
  unsent: 'certainly not taken by Segment, and tried again',
}

function activations({ activated }: Rows): Entry[] {
  return activated.map((row) => {
    const why = row.reason === null ? '' : `: ${row.reason}`
    const text = `${row.type ?? 'event'} ${row.event_id} ${ANSWER[row.outcome] ?? row.outcome}${why}${googleAdsPart(row)}`
    return { at: writtenAt(row), what: 'activation', text, source: 'activation_log' }
  })
}

function deadEntry(row: DeadRow): Entry {
  const faults = row.faults.map(
    ({ reason, path, expected, received }) =>
      `${reason}${path === '' ? '' : ` at ${path}`} (expected ${expected}, received ${maskText(received)})`,
  )
  const why = (faults.length > 0 ? faults : row.reasons).join('; ')
  const again = row.attempt > 0 ? `again in redrive ${row.attempt}: ` : ''
  const text = `${again}${row.stage}: ${why} in ${row.dead_letter_id}`
  return { at: writtenAt(row), what: 'dead letter', text, source: 'dead_letter' }
}

const ACTIONS: ReadonlySet<string> = new Set(['redrive', 'republish', 'discard'])
const isAction = (action: string): action is 'redrive' | 'republish' | 'discard' =>
  ACTIONS.has(action)

function handledEntry(row: HandledRow): Entry {
  const outcome =
    row.outcome === 'failed' ? `${row.failed} of ${row.events} events failed again` : row.outcome
  return {
    at: row.occurred_at,
    what: isAction(row.action) ? row.action : 'redrive',
    text: `number ${row.attempt} by ${row.actor} (${row.reason}): ${outcome}; ${row.dead_letter_id}`,
    source: 'dead_letter_log',
  }
}

function runEntries(run: Run, now: string): Entry[] {
  if (!run.isKnown) return []
  const source = 'Temporal'
  const entry = (at: string, what: What, text: string): Entry => ({ at, what, text, source })
  const isLetter = run.workflowId.startsWith('dead-letter/')
  const kind = isLetter ? 'run' : 'batch'
  return [
    entry(run.startedAt, kind, `started ${run.workflowId}`),
    ...run.failedAttempts.map(({ at, step, attempt, failure }) =>
      entry(at, 'attempt', `${step}, attempt ${attempt} failed: ${failure}`),
    ),
    ...(run.closedAt ? [entry(run.closedAt, 'run', ended(run.status, run.workflowId))] : []),
    ...run.pending.map((pending) => entry(now, 'waiting', pendingPart(pending))),
  ]
}

const ended = (status: string, workflowId: string) =>
  `ended with ${status.replace('_', ' ').toLowerCase()}: ${workflowId}`
