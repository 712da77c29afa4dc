// Counts what validation decided: by decision, by reason and by partner.

import { countsOnce, type EventFailure, printablePartner } from '#contracts'
import { groupBy } from '#runtime/group-by'
import { OTHER_PARTNERS } from '#runtime/metrics/activity-metrics'
import type { ActivityMetrics } from '#runtime/metrics/groups'
import type { Partners } from '#runtime/partners/registry'
import type { BatchMessage } from './read-batch.ts'

/** Indexes that are in neither are accepted. */
export type Decisions = {
  readonly rejected: readonly EventFailure[]
  readonly duplicates: readonly number[]
}

export type CountDecisions = (messages: readonly BatchMessage[], decisions: Decisions) => void

/** A message that was cut into parts counts once. */
export function createCountDecisions(metrics: ActivityMetrics, partners: Partners): CountDecisions {
  const labelOf = (partnerId: string) =>
    partners.has(partnerId) ? printablePartner(partnerId) : OTHER_PARTNERS
  const followNewest = createFollowNewest(metrics)

  return (messages, { rejected, duplicates }) => {
    const failures = new Map(rejected.map((failure) => [failure.index, failure]))
    const repeated = new Set(duplicates)
    const partnerOf = (one: BatchMessage) =>
      failures.get(one.index)?.partnerId ?? acceptedPartner(one)
    const counted = messages.filter(({ message }) => countsOnce(message))
    const byPartner = groupBy(counted, (one) => labelOf(partnerOf(one)))
    for (const [partner, own] of byPartner) {
      const refused = own.flatMap(({ index }) => failures.get(index) ?? [])
      const again = own.filter(({ index }) => repeated.has(index)).length
      const decided = {
        accepted: own.length - refused.length - again,
        rejected: refused.length,
        duplicate: again,
      }
      countDecided(metrics, partner, decided)
      countReasons(metrics, partner, refused)
      followNewest(partner, own)
    }
  }
}

const acceptedPartner = ({ parsed }: BatchMessage) =>
  parsed.accepted ? parsed.event.partner_id : parsed.identity.partnerId

type Decision = 'accepted' | 'rejected' | 'duplicate'

function countDecided(
  { eventsDecided, partnerEvents }: ActivityMetrics,
  partner: string,
  decided: Readonly<Record<Decision, number>>,
): void {
  for (const decision of ['accepted', 'rejected', 'duplicate'] as const) {
    if (decided[decision] === 0) continue
    eventsDecided.add(decided[decision], { decision })
    partnerEvents.add(decided[decision], { partner, decision })
  }
}

function countReasons(
  { eventsRejected, partnerRejections }: ActivityMetrics,
  partner: string,
  refused: readonly EventFailure[],
): void {
  const reasons = refused.flatMap((failure) => failure.reasons)
  for (const [reason, same] of groupBy(reasons, (one) => one)) {
    eventsRejected.add(same.length, { reason })
    partnerRejections.add(same.length, { partner, reason })
  }
}

/** A batch may hold older messages than the one before: the newest counts. */
function createFollowNewest({ partnerNewestEvent }: ActivityMetrics) {
  const newest = new Map<string, string>()
  return (partner: string, messages: readonly BatchMessage[]) => {
    const before = newest.get(partner) ?? ''
    const last = messages.reduce(
      (latest, { message }) => (message.publishTime > latest ? message.publishTime : latest),
      before,
    )
    if (last === before) return
    newest.set(partner, last)
    partnerNewestEvent.set(Date.parse(last) / 1000, { partner })
  }
}
