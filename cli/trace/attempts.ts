// Reads the failed attempts of a batch's steps from its history in Temporal. Pure.

import type { temporal } from '@temporalio/proto'
import { z } from 'zod'
import { maskText } from '#contracts'

/** An attempt of a step that did not succeed. */
export type FailedAttempt = {
  readonly step: string
  /** 0 where the history does not say which one it was. */
  readonly attempt: number
  readonly at: string
  readonly failure: string
}

type HistoryEvent = temporal.api.history.v1.IHistoryEvent
type Marker = temporal.api.history.v1.IMarkerRecordedEventAttributes

/**
 * A first attempt runs beside its workflow and leaves a marker; later ones are ordinary activities, whose start
 * tells how many there were and why the one before failed.
 */
export function attemptsOf({ events }: temporal.api.history.v1.IHistory): FailedAttempt[] {
  const steps = new Map<string, string>()
  return (events ?? []).flatMap((event) => {
    const scheduled = event.activityTaskScheduledEventAttributes
    if (scheduled) steps.set(String(event.eventId), scheduled.activityType?.name ?? 'a step')
    return [...failedMarker(event), ...failedActivity(event, steps)]
  })
}

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
    return 'a step'
  }
}

function failedActivity(event: HistoryEvent, steps: ReadonlyMap<string, string>): FailedAttempt[] {
  const { activityTaskStartedEventAttributes: started, activityTaskFailedEventAttributes: failed } =
    event
  const timedOut = event.activityTaskTimedOutEventAttributes
  if (started?.lastFailure) {
    const attempt = (started.attempt ?? 2) - 1
    return [told(event, steps.get(String(started.scheduledEventId)), attempt, started.lastFailure)]
  }
  const ended = failed ?? timedOut
  if (!ended?.failure) return []
  return [told(event, steps.get(String(ended.scheduledEventId)), 0, ended.failure)]
}

/** @param attempt 0 where the history does not say which one was the last */
function told(
  event: HistoryEvent,
  step: string | undefined,
  attempt: number,
  { message, cause }: temporal.api.failure.v1.IFailure,
): FailedAttempt {
  const failure = shorten(cause?.message ?? message ?? '')
  return { step: step ?? 'a step', attempt, at: timeOf(event), failure }
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
