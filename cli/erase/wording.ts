// Words what an erasure counted, did and left. Pure.

import {
  ERASED_TABLES,
  type EraseProgress,
  type ErasureReceipt,
  type RowCounts,
  type SegmentDeletion,
  type Wait,
} from '#contracts'
import type { PersonCounts } from '#operations/erase/count'
import type { EraseStatus, StartedErasure } from '#operations/erase/erase'
import { type Row, render } from '../output/tables.ts'

const DID: Readonly<Record<StartedErasure['did'], string>> = {
  started:
    'The erasure is started. It waits for BigQuery, which takes half an hour or more, and continues after Ctrl-C; --status shows how far it is.',
  joined: 'This erasure is under way already: nothing was started.',
  nothing: 'Nothing of this customer is left: nothing was changed. This is the last receipt.',
}

export const didText = (did: StartedErasure['did']): string => DID[did]

export function countsText(counts: PersonCounts): string {
  const { messages, batches, letters, runs, openRuns, unattributed } = counts
  return render(
    [
      ...rowsOf(counts.rows),
      line('messages', messages, 'of this customer'),
      line('batches', batches, 'that carried them'),
      line('dead letters', letters, 'that hold or held them'),
      line('runs in Temporal', runs, openRuns > 0 ? `${openRuns} of them are open` : ''),
      line('messages without a partner', unattributed, unattributed > 0 ? UNATTRIBUTED : ''),
    ],
    'table',
  )
}

const UNATTRIBUTED = 'they contain the id, and stay: whose they are cannot be told'

const line = (what: string, count: number, note = ''): Row => ({ what, count, note })

const rowsOf = (rows: RowCounts): Row[] =>
  ERASED_TABLES.map((table) => line(`streaming.${table}`, rows[table], 'rows'))

const WAITS: Readonly<Record<Wait['code'], (count: number) => string>> = {
  batches_running: (count) => `${count} batches that are running`,
  dead_letters_running: (count) => `${count} dead letters that are being resolved`,
  streaming_buffer: (count) =>
    `BigQuery, which does not change rows of ${count} tables yet that were streamed lately`,
  not_swept: (count) => `the sweep, which has not recorded ${count} batches that ended early`,
}

/** For example `waiting for 1 batches that are running; looks again at 2026-11-28T10:00:00Z`. */
export function progressText({ step, waitsFor, nextLookAt }: EraseProgress): string {
  if (waitsFor.length === 0) return step
  const what = waitsFor.map(({ code, count }) => WAITS[code](count)).join(' and ')
  return `waiting for ${what}; looks again at ${nextLookAt?.slice(0, 19)}Z`
}

export function statusText(status: EraseStatus): string {
  if (status.state === 'done') return receiptText(status.receipt)
  if (status.state === 'never') return 'This customer was never erased.'
  if (status.state === 'failed')
    return `The erasure ended with ${status.status}: see erase/${status.subject} in Temporal, and ask for it again.`
  const { progress } = status
  return progress
    ? `The erasure is under way since ${progress.requestedAt}: ${progressText(progress)}.`
    : 'The erasure is under way.'
}

function receiptText(receipt: ErasureReceipt): string {
  const { subject, actor, reason, requestedAt, finishedAt, passes } = receipt
  const head = [
    `Receipt ${subject}: asked for by ${actor} (${reason}) at ${requestedAt}, done at ${finishedAt}.`,
    ...(passes === 0 ? ['Nothing of this customer was found.'] : []),
  ]
  return [...head, render(doneRows(receipt), 'table'), ...leftOf(receipt)].join('\n')
}

function doneRows({ rows, letters, events, runs, segment }: ErasureReceipt): Row[] {
  return [
    ...rowsOf(rows),
    line('dead letters closed', letters, `${events} open events`),
    line('runs deleted from Temporal', runs.deleted),
    line('deletion at Segment', segment.isAsked ? 1 : 0, noteOf(segment)),
  ]
}

const noteOf = (segment: SegmentDeletion) =>
  segment.isAsked ? `regulation ${segment.regulationId}` : 'not asked, see below'

const WHY_NOT: Readonly<Record<Extract<SegmentDeletion, { isAsked: false }>['why'], string>> = {
  no_token: 'SEGMENT_PUBLIC_API_TOKEN is not set',
  nothing_found: 'nothing of the customer was found here',
  refused: 'its Public API refused, or did not answer for a day',
}

/** What was not done, and what a person can do about it. */
function leftOf({ runs, segment, unattributed }: ErasureReceipt): string[] {
  return [
    ...(segment.isAsked
      ? []
      : [
          `Segment was not asked to delete the person: ${WHY_NOT[segment.why]}. By hand: Segment, Privacy, Deletion and Suppression, with the user id <partner>:<customer>.`,
        ]),
    ...(runs.encrypted > 0
      ? [`${runs.encrypted} encrypted runs stay in Temporal until ${runs.keptUntil}.`]
      : []),
    ...(unattributed > 0
      ? [`${unattributed} messages without a partner contain the id; ${UNATTRIBUTED}.`]
      : []),
    'BigQuery keeps what was erased for its time travel and fail-safe, 14 days at most. Copies elsewhere, such as exports, backups and the dead-letter topic, are not searched.',
  ]
}
