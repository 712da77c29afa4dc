// Sends the staged events of a batch to Segment, and returns the outcome of each by index.

import { activityInfo, heartbeat } from '@temporalio/activity'
import { CALL_OVERHEAD_BYTES, type Segment, type WrittenCall } from '#activation/segment/segment'
import { type Activation, toActivation } from '#activation/to-call'
import {
  type Activated,
  type EventFailure,
  type NotActivatedReason,
  type Omission,
  omissionText,
  type SinkReason,
} from '#contracts'
import { chunksOf, halvesOf } from '#runtime/chunks'
import { groupBy } from '#runtime/group-by'
import type { ActivityMetrics } from '#runtime/metrics'
import type { Partners } from '#runtime/partners/registry'
import { failure, isRefusal, segmentFailure } from '#runtime/service-error'
import { type Decision, groupsOf } from './activation-groups.ts'
import { acceptedOf, type BatchEvent, type BatchReader } from './read-batch.ts'
import { createOutageMemory } from './recent-outage.ts'
import { heartbeatWhile } from './with-heartbeat.ts'

/** Segment takes 32 KB a call and 500 KB a request. */
const MAX_CALL_BYTES = 31_000

/** Segment answers 200 to a request of more calls and drops it whole. */
const REQUEST = { maxItems: 2_500, maxBytes: 450_000 }

type Planned = WrittenCall & { readonly event: BatchEvent; readonly bytes: number }

/** The calls that earlier attempts have settled. The heartbeat details carry them to the next attempt. */
type Progress = { readonly settledTo: number; readonly failed: readonly EventFailure[] }

/** What the calls of a run are made from, in addition to the events. */
export type ActivationRules = {
  /** The prefix of Segment message ids. */
  readonly namespace: string
  readonly partners: Partners
}

/**
 * At least once: a call sent again has the same message id, and Segment drops the repeat.
 * A retry continues after the last event whose chunk was answered.
 *
 * @param skip indexes of events that are not sent: rejected, duplicates, not staged
 * @throws ApplicationFailure of the registry where no event is to blame
 */
export function createActivateEvents(
  reader: BatchReader,
  segment: Segment,
  rules: ActivationRules,
  metrics: ActivityMetrics,
) {
  const outage = createOutageMemory()

  return async function activateEvents(
    batch: Uint8Array,
    skip: readonly number[],
  ): Promise<Activated> {
    outage.throwRecent()
    const { events, changed } = acceptedOf(reader.read(batch), skip)
    const plan = planCalls(events, rules)
    const refused = await outage.watch(() => sendAll(segment, plan.calls))
    const failed = [...changed, ...plan.tooLarge, ...refused]
    const lost = new Set(failed.map(({ index }) => index))
    const accepted = plan.calls.map(({ event }) => event.index).filter((index) => !lost.has(index))
    metrics.segmentCalls.add(accepted.length, { outcome: 'accepted' })
    metrics.segmentCalls.add(failed.length, { outcome: 'failed' })
    countOmitted(plan.omitted, metrics)
    return { failed, groups: groupsOf({ accepted, held: plan.held, failed }, plan.decisions) }
  }
}

function planCalls(events: readonly BatchEvent[], rules: ActivationRules) {
  const calls: Planned[] = []
  const held: EventFailure[] = []
  const tooLarge: EventFailure[] = []
  const omitted: Omission[] = []
  const decisions = new Map<number, Decision>()
  for (const event of events) {
    const activation = activationOf(event, rules)
    decisions.set(event.index, decisionOf(activation))
    if (activation.held) {
      held.push(failedEvent(event, activation.reason))
      continue
    }
    omitted.push(...activation.omitted)
    const json = JSON.stringify(activation.call)
    const bytes = Buffer.byteLength(json) + CALL_OVERHEAD_BYTES
    if (bytes > MAX_CALL_BYTES) tooLarge.push(failedEvent(event, 'call_too_large'))
    else calls.push({ event, call: activation.call, json, bytes })
  }
  return { calls, held, tooLarge, omitted, decisions }
}

function activationOf({ event, message }: BatchEvent, { namespace, partners }: ActivationRules) {
  return toActivation(event, message.publishTime, namespace, partners.of(event.partner_id))
}

function decisionOf(activation: Activation): Decision {
  if (activation.held) {
    const isOld = activation.reason === 'outside_ads_window'
    return { googleAds: isOld ? 'too_old' : activation.reason }
  }
  const { excluded, omitted } = activation
  return {
    googleAds: excluded ?? 'intended',
    ...(omitted.length > 0 && { omitted: omitted.map(omissionText) }),
  }
}

/** Counted when the attempt has succeeded, so that a retry counts once. */
function countOmitted(omitted: readonly Omission[], { identifiersOmitted }: ActivityMetrics): void {
  for (const [, same] of groupBy(omitted, omissionText)) {
    const [first] = same
    if (first) identifiersOmitted.add(same.length, { ...first })
  }
}

async function sendAll(
  segment: Segment,
  calls: readonly Planned[],
): Promise<readonly EventFailure[]> {
  const before: Partial<Progress> | undefined = activityInfo().heartbeatDetails
  let progress: Progress = {
    settledTo: before?.settledTo ?? -1,
    failed: before?.failed ?? [],
  }
  const open = calls.filter(({ event }) => event.index > progress.settledTo)
  await heartbeatWhile(
    async () => {
      for (const chunk of chunksOf(open, ({ bytes }) => bytes, REQUEST)) {
        const failed = await sendChunk(segment, chunk)
        refuseSuspicious(chunk, failed)
        const settledTo = chunk.at(-1)?.event.index ?? progress.settledTo
        progress = { settledTo, failed: [...progress.failed, ...failed] }
        if (!activityInfo().isLocal) heartbeat(progress)
      }
    },
    () => progress,
  )
  return progress.failed
}

/** Where a chunk has fewer calls than this, all of them may be invalid. */
const SUSPICIOUS = 10

/** Where Segment refuses every one of many calls, sent one by one, the calls are not the cause: something else answers in place of Segment, or Segment has changed. */
function refuseSuspicious(chunk: readonly Planned[], failed: readonly EventFailure[]): void {
  if (chunk.length < SUSPICIOUS || failed.length < chunk.length) return
  throw failure('segment_setup', `Segment refused every one of ${chunk.length} calls, one by one`)
}

/** Sends one request. Where Segment refuses all of it because of one call, halves the chunk until that call is sent alone. */
async function sendChunk(segment: Segment, chunk: readonly Planned[]): Promise<EventFailure[]> {
  const serviceError = await segment.deliver(chunk)
  if (serviceError === null) return []
  if (!isRefusal(serviceError)) throw segmentFailure(serviceError)
  const [only] = chunk
  if (only && chunk.length === 1) return [failedEvent(only.event, 'segment_refused')]
  const [first, second] = halvesOf(chunk)
  const failed = await sendChunk(segment, first)
  return [...failed, ...(await sendChunk(segment, second))]
}

function failedEvent(
  { index, event }: BatchEvent,
  reason: SinkReason | NotActivatedReason,
): EventFailure {
  return { index, partnerId: event.partner_id, reasons: [reason] }
}
