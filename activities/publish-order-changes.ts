// Publishes what the staged events of a batch changed of their orders, for consumers that cannot wait for a query.

import type { Message, PublishedChanges, PublishRequest } from '#contracts'
import { toUtcMicros } from '#contracts/event/timestamp'
import { changesFrom } from '#contracts/order-change/chain'
import type { ChangeKind, OrderChange } from '#contracts/order-change/schema'
import { orderOf, type StagedVersion, versionOf } from '#contracts/order-change/staged-version'
import { groupBy } from '#runtime/group-by'
import type { ActivityMetrics } from '#runtime/metrics/groups'
import { failure } from '#runtime/service-error'
import type { Breaker } from './changes/breaker.ts'
import type { LookUpVersions } from './changes/look-up-versions.ts'
import type { PublishInOrder } from './changes/publish-in-order.ts'
import { toMessage } from './changes/to-message.ts'
import { acceptedOf, type BatchEvent, type BatchReader } from './read-batch.ts'

export type ChangeEvents = {
  /** Reads what the tables have of the orders of events. */
  readonly lookUp: LookUpVersions
  readonly publish: PublishInOrder
  readonly breaker: Breaker
}

/**
 * At least once: a repeat publishes the same changes under the same ids. An event whose facts its order has already changes nothing, so that nothing is
 * published of it.
 * @param changeEvents null where this worker has no topic for them
 * @throws ApplicationFailure of the registry where no event is to blame
 */
export function createPublishOrderChanges(
  reader: BatchReader,
  changeEvents: ChangeEvents | null,
  metrics: ActivityMetrics,
) {
  return async function publishOrderChanges(
    batch: Uint8Array,
    { batchId, skip }: PublishRequest,
  ): Promise<PublishedChanges> {
    if (changeEvents === null) throw failure('pubsub_setup', NO_TOPIC)
    const { lookUp, publish, breaker } = changeEvents
    const own = acceptedOf(reader.read(batch), skip).events.map((one) => versionIn(one, batchId))
    if (own.length === 0) return countOf([])
    const changes = await breaker(async () => {
      const found = changesBy(own, await lookUp(own))
      await publish(found.map(toMessage))
      return found
    })
    const counts = countOf(changes)
    for (const kind of KINDS) metrics.changeEventsPublished.add(counts[kind], { kind })
    return counts
  }
}

const NO_TOPIC = 'CHANGE_EVENTS_TOPIC is not set on this worker'

const KINDS: readonly ChangeKind[] = ['created', 'corrected', 'cancelled']

/** The changes of each order to which a run has staged events. Rows need not be readable yet: the versions of the run are added. */
function changesBy(
  own: readonly StagedVersion[],
  staged: ReadonlyMap<string, readonly StagedVersion[]>,
): OrderChange[] {
  const isOwn = new Set(own.map(versionOf))
  return [...groupBy(own, orderOf)].flatMap(([order, versions]) =>
    changesFrom([...(staged.get(order) ?? []), ...versions], (one) => isOwn.has(versionOf(one))),
  )
}

function versionIn({ message, event }: BatchEvent, batchId: string): StagedVersion {
  return {
    ...event,
    message_id: message.messageId,
    publish_time: publishTimeOf(message),
    batch_id: batchId,
    ingested_at: null,
  }
}

/** With six digits, as rows have it. */
const publishTimeOf = ({ publishTime }: Message) => toUtcMicros(publishTime) ?? publishTime

const countOf = (changes: readonly OrderChange[]): PublishedChanges => {
  const kindCount = (kind: ChangeKind) => changes.filter((change) => change.kind === kind).length
  return {
    created: kindCount('created'),
    corrected: kindCount('corrected'),
    cancelled: kindCount('cancelled'),
  }
}
