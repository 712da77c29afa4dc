// The state of activation as a person reads it.

import { visibleInLine } from '#contracts/visible'
import type { Accepted, SegmentFailure } from '#operations/activation/segment-answers'
import type { ActivationStatus, SwitchedOff } from '#operations/activation/status'
import { ageOf } from '../dead-letters/age.ts'
import { render } from '../output/tables.ts'
import { aboutText, perSecondText } from './wording.ts'

/** More partners than this are for `--json`. */
const MAX_PARTNERS = 20

export function statusText(status: ActivationStatus): string {
  const parts = [
    headline(status),
    waitingText(status),
    segmentText(status.segment.accepted, status.segment.failures),
    endText(status),
    offText(status.off),
  ]
  return parts.filter((part) => part !== '').join('\n\n')
}

const STATES: Readonly<Record<ActivationStatus['state'], string>> = {
  running: 'Activation runs without a limit.',
  limited: 'Activation runs at a limited rate.',
  paused: 'Activation is paused: nothing is sent until somebody resumes it.',
  throttled: 'Activation waits, because Segment asked for it: it continues by itself.',
  open: 'The breaker is open: nothing is sent, because Segment is unavailable. It is probed, and activation continues by itself.',
  probing:
    'The breaker is open, and a probe is under way: one request tells whether Segment is available again.',
  recovering:
    'Activation recovers by steps: the rate rises until it is what it was before Segment failed.',
}

function headline({ state, limit, isGoverned }: ActivationStatus): string {
  const by = limit.by === 'governActivation' ? 'the governor' : limit.by
  return [
    STATES[state],
    ...(limit.activitiesPerSecond ? [`Limit: ${rateOf(limit)}`] : []),
    ...(by !== '' && limit.setAt !== null
      ? [`Set by ${visibleInLine(by)}, ${ageOf(limit.setAt)} ago (${limit.setAt})`]
      : []),
    ...(limit.reason !== '' ? [`Reason: ${visibleInLine(limit.reason)}`] : []),
    ...(isGoverned ? [] : [NOT_GOVERNED]),
  ].join('\n')
}

const NOT_GOVERNED =
  'The governor that set this limit was terminated, and nothing will lift it: npm run activation -- resume'

function rateOf({ activitiesPerSecond, callsPerSecond }: ActivationStatus['limit']): string {
  const perSecond = perSecondText(activitiesPerSecond ?? 0)
  const activities = `${perSecond} ${perSecond === '1' ? 'activity' : 'activities'} a second`
  if (activitiesPerSecond === 0 || callsPerSecond === null) return activities
  return `${activities}, which ${perSecond === '1' ? 'is' : 'are'} some ${aboutText(callsPerSecond)} calls a second`
}

function waitingText({ waiting, days }: ActivationStatus): string {
  const { events, oldest, partners, batches, activities, laterBatches } = waiting
  const lines = [
    events === 0
      ? `No event of the last ${days} days waits.`
      : `${counted(events, 'event')} of the last ${days} days wait${events === 1 ? 's' : ''}, the oldest for ${ageOf(oldest ?? '')}.`,
    `In Temporal: ${counted(activities, 'activity', 'activities')} to be started, ${counted(batches, 'batch', 'batches')} that have waited for a minute or longer.`,
    ...(laterBatches > 0
      ? [
          `${counted(laterBatches, 'batch has', 'batches have')} events that wait for another event of their order, or for a cooling-off period.`,
        ]
      : []),
  ]
  if (events === 0) return lines.join('\n')
  const rows = partners.slice(0, MAX_PARTNERS).map(({ partner, events: own, oldest: since }) => ({
    partner,
    events: own,
    oldest: ageOf(since),
  }))
  const hidden = partners.length - rows.length
  const more = hidden > 0 ? [`${hidden} more partners: --json has all.`] : []
  return [...lines, render(rows, 'table'), ...more].join('\n')
}

function counted(count: number, one: string, several = `${one}s`): string {
  return `${count.toLocaleString('en')} ${count === 1 ? one : several}`
}

function segmentText({ lastAt, recentCalls }: Accepted, failures: readonly SegmentFailure[]) {
  const accepted =
    lastAt === null
      ? 'Segment: no accepted call is recorded.'
      : `Segment: the last accepted call was recorded ${ageOf(lastAt)} ago, and ${counted(recentCalls, 'call')} in the last 10 minutes.`
  const lines = failures.map(
    ({ message, activities }) =>
      `${counted(activities, 'waiting activity', 'waiting activities')} failed last with: ${visibleInLine(message)}`,
  )
  return [accepted, ...lines].join('\n')
}

function endText({ waiting, drainedAt, state }: ActivationStatus): string {
  if (waiting.events === 0) return ''
  if (drainedAt !== null) {
    const later =
      waiting.laterBatches > 0
        ? ' Events that wait for another event or a period are sent after that.'
        : ''
    return `At this rate, what waits for Segment is sent by ${drainedAt}.${later}`
  }
  if (state === 'paused') return 'What waits is sent after: npm run activation -- resume'
  const { laterBatches, batches, activities } = waiting
  return laterBatches > 0 && batches === 0 && activities === 0
    ? 'Nothing waits for Segment.'
    : 'When what waits will be sent cannot be estimated now.'
}

function offText({ defaults, activation, googleAds }: SwitchedOff): string {
  const lines = [
    ...(defaults.activation ? ['Switched off for partners that do not switch it on.'] : []),
    ...(defaults.googleAds ? ['Google Ads is off for partners that do not switch it on.'] : []),
    ...(activation.length > 0 ? [`Switched off: ${listed(activation)}`] : []),
    ...(googleAds.length > 0 ? [`Switched off for Google Ads: ${listed(googleAds)}`] : []),
  ]
  return lines.length === 0 ? 'No partner is switched off.' : lines.join('\n')
}

function listed(partners: readonly string[]): string {
  const named = partners.slice(0, MAX_PARTNERS).map(visibleInLine).join(', ')
  const hidden = partners.length - MAX_PARTNERS
  return hidden > 0 ? `${named} and ${hidden} more` : named
}
