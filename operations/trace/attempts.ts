// Reads the failed attempts of a batch's steps from its history in Temporal. Pure.

import type { temporal } from '@temporalio/proto'
import { z } from 'zod'
import { maskText } from '#contracts'

/** An attempt of a step that did not succeed. */
export type FailedAttempt = {
  readonly step: string
  readonly attempt: number
  readonly at: string
  readonly failure: string
}

type HistoryEvent = temporal.api.history.v1.IHistoryEvent
type Marker = temporal.api.history.v1.IMarkerRecordedEventAttributes

type Step = { readonly name: string; readonly attempt: number }

/**
 * A first attempt is a local activity and leaves a marker; later ones are ordinary activities, whose start
 * tells how many there were and why the one before failed.
 */
export function attemptsOf({ events }: temporal.api.history.v1.IHistory): FailedAttempt[] {
  const steps = new Map<string, Step>()
  return (events ?? []).flatMap((event) => {
    noteStep(event, steps)
    return [...failedMarker(event), ...failedActivity(event, steps)]
  })
}

function noteStep(event: HistoryEvent, steps: Map<string, Step>): void {
  const scheduled = event.activityTaskScheduledEventAttributes
  if (scheduled) {
    steps.set(String(event.eventId), { name: scheduled.activityType?.name ?? STEP, attempt: 1 })
  }
  const started = event.activityTaskStartedEventAttributes
  if (!started) return
  const id = String(started.scheduledEventId)
  steps.set(id, { name: steps.get(id)?.name ?? STEP, attempt: started.attempt ?? 1 })
}

/** Where a history does not say which. */
const STEP = 'a step'

const LOCAL_ACTIVITY = 'core_local_activity'

function failedMarker(event: HistoryEvent): FailedAttempt[] {
  const marker = event.markerRecordedEventAttributes
  if (marker?.markerName !== LOCAL_ACTIVITY || !marker.failure) return []
  const failure = marker.failure.cause?.message ?? marker.failure.message ?? ''
  return [{ step: stepOf(marker), attempt: 1, at: timeOf(event), failure: shorten(failure) }]
}

const markerData = z.object({ activity_type: z.string() })

/** The SDK's own bookkeeping, which no codec encrypts; another SDK version may write it otherwise. */
function stepOf({ details }: Marker): string {
  try {
    const text = Buffer.from(details?.['data']?.payloads?.[0]?.data ?? []).toString('utf8')
    return markerData.parse(JSON.parse(text)).activity_type
  } catch {
    return STEP
  }
}

function failedActivity(event: HistoryEvent, steps: ReadonlyMap<string, Step>): FailedAttempt[] {
  const started = event.activityTaskStartedEventAttributes
  if (started?.lastFailure) return [told(event, started, steps, started.lastFailure)]
  const ended = event.activityTaskFailedEventAttributes ?? event.activityTaskTimedOutEventAttributes
  return ended?.failure ? [told(event, ended, steps, ended.failure)] : []
}

/** A start tells of the attempt before it, an end of its own. */
function told(
  event: HistoryEvent,
  { scheduledEventId }: { scheduledEventId?: unknown },
  steps: ReadonlyMap<string, Step>,
  { message, cause }: temporal.api.failure.v1.IFailure,
): FailedAttempt {
  const { name, attempt } = steps.get(String(scheduledEventId)) ?? { name: STEP, attempt: 1 }
  const isStart = Boolean(event.activityTaskStartedEventAttributes)
  const failure = shorten(cause?.message ?? message ?? '')
  return { step: name, attempt: isStart ? attempt - 1 : attempt, at: timeOf(event), failure }
}

function timeOf({ eventTime }: HistoryEvent): string {
  const ms = Number(eventTime?.seconds ?? 0) * 1000 + Math.floor((eventTime?.nanos ?? 0) / 1e6)
  return iso(new Date(ms))
}

const MAX_FAILURE = 200

/** Ours hold nothing personal; what a server quoted is not ours. */
export function shorten(failure: string): string {
  const text = maskText(failure).replace(/\s+/g, ' ').trim()
  return text.length > MAX_FAILURE ? `${text.slice(0, MAX_FAILURE - 1)}…` : text
}

/** With six digits, as the tables have. */
export const iso = (time: Date) => time.toISOString().replace('Z', '000Z')
