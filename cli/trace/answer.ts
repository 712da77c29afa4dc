// Answers "where is my order?" in one sentence. Pure.

import { isBatchReason, STAGE_VERB } from '#contracts/dead-letter/vocabulary'
import { type Facts, type Item, itemsOf, type Letter, writtenAt } from '#operations/trace/facts'
import { type Activation, type Fate, fateOf } from '#operations/trace/fate'
import type { Pending, Run } from '#operations/trace/runs'
import { type Version, versionsOf } from '#operations/trace/versions'
import { googleAdsPart } from './google-ads.ts'
import { span } from './span.ts'

/** More events than this in one sentence are a list: the timeline has them all. */
const MAX_NAMED = 4

/** For example `Order A001 of dealer-7: purchase staged 2.1 s after it was published, accepted by Segment.` */
export function answerOf(facts: Facts): string {
  const { partnerId, orderId, messageIds } = facts.subject
  const items = itemsOf(facts)
  const what = orderId === null ? `Message ${messageIds.join(', ')}` : `Order ${orderId}`
  const fates = items.slice(0, MAX_NAMED).map(fateText)
  const more = items.length - fates.length
  const rest = more > 0 ? [`${more} more events or messages, see below`] : []
  if (items.length === 0) return `${what} of ${partnerId}: nothing of it could be read.`
  return sentence(`${what} of ${partnerId}: ${[...fates, ...rest].join('; ')}`)
}

/** A command at the end is copied as it stands, without a full stop. */
const sentence = (text: string) => (/npm run dlq -- show \S+$/.test(text) ? text : `${text}.`)

/** What became of one event. */
function fateText(item: Item): string {
  const what = item.type ?? 'message'
  const fate = fateOf(item)
  if (fate.code === 'staged')
    return `${what} ${stagedPart(item, fate)}, ${activationPart(item, fate.activation)}`
  if (fate.code === 'dead_letter') return `${what} ${letterPart(fate.letter)}`
  const batch = batchPart(item.runs)
  return fate.code === 'rejected'
    ? `${what} rejected: ${fate.reasons.join(', ')}; not in a dead letter yet${batch}`
    : `${what} accepted, not staged yet${batch}`
}

function stagedPart(
  { publishedAt, staged }: Item,
  { row, redrive }: Fate & { code: 'staged' },
): string {
  const version = versionsOf(staged).get(row)
  const after = `${span(publishedAt, writtenAt(row))} after it was published${correctedPart(version)}`
  return redrive ? `staged by a redrive of ${redrive.actor} ${after}` : `staged ${after}`
}

/** Nothing where the event has one version. */
function correctedPart(version: Version | undefined): string {
  if (!version || version.of === 1) return ''
  return `, ${version.of} versions, of which the views show that of message ${version.shown}`
}

function activationPart({ runs }: Item, activation: Activation): string {
  const { code } = activation
  if (code === 'accepted') return `accepted by Segment${googleAdsPart(activation.row)}`
  if (code === 'dead_letter') return letterPart(activation.letter)
  if (code === 'held_back')
    return `held back from Segment: ${activation.row.reason}${googleAdsPart(activation.row)}`
  if (code === 'waiting') return `waiting before it is sent to Segment: ${activation.reason}`
  if (code === 'failed') return `not activated: ${activation.reason}`
  return `Segment's answer is not recorded${batchPart(runs)}`
}

/** The table may hold a stage of a later version. */
const VERB: Readonly<Record<string, string>> = STAGE_VERB

function letterPart({ id, stage, reasons, attempt, isOpen, handled }: Letter): string {
  const verb = reasons.every(isBatchReason) ? 'stopped' : (VERB[stage] ?? `failed at ${stage}`)
  const again = attempt > 0 ? ` (again, in redrive ${attempt})` : ''
  const why = `${verb}${again}: ${reasons.join(', ')}`
  if (isOpen) return `${why}; open dead letter: npm run dlq -- show ${id}`
  const closing = handled.findLast(({ outcome }) => outcome === 'closed')
  if (!closing) return `${why}; its dead letter is closed`
  return `${why}; ${ACTED[closing.action] ?? closing.action} by ${closing.actor} (${closing.reason})`
}

const ACTED: Readonly<Record<string, string>> = {
  redrive: 'redriven',
  discard: 'discarded',
  republish: 'published again',
}

/** What its batch is doing, or how it ended; nothing where that explains nothing. */
function batchPart(runs: readonly Run[]): string {
  const run = runs.at(-1)
  if (!run) return ''
  if (!run.isKnown) return ', and Temporal no longer has its batch'
  if (run.status === 'RUNNING') {
    const waiting = run.pending.find(({ lastFailure }) => lastFailure !== null) ?? run.pending[0]
    return waiting ? `: ${pendingPart(waiting)}` : ': its batch is running'
  }
  if (run.status === 'COMPLETED') return ', though its batch is complete'
  return `: its batch ended with ${run.status}`
}

const WAITS_FOR: Readonly<Record<string, string>> = {
  activateEvents: 'Segment',
  stageEvents: 'BigQuery',
  writeAuditLog: 'BigQuery',
  writeLedger: 'BigQuery',
  recordDeadLetter: 'BigQuery',
  openDeadLetters: 'Temporal',
  publishOrderChanges: 'Pub/Sub',
}

/** For example `waiting for Segment, attempt 7; the last failed: Segment: answered 503`. */
export function pendingPart({ step, attempt, lastFailure, nextAttemptAt }: Pending): string {
  const what = WAITS_FOR[step] ? `waiting for ${WAITS_FOR[step]}` : `busy with ${step}`
  const next = nextAttemptAt ? ` at ${nextAttemptAt.slice(0, 19)}Z` : ''
  const why = lastFailure ? `; the one before failed: ${lastFailure}` : ''
  return `${what}, attempt ${attempt}${next}${why}`
}
