// The changes of an order, computed from the versions of its events. Pure.
//
// The versions are taken in the order in which they were published, whenever they were staged. The id of a change is a digest of what
// it says, the id of the change before it included, so that the same versions give the same ids in every run, on every retry.
// Nothing that is not published is part of it.

import { digest } from '../digest.ts'
import { publicPartner } from '../public-partner.ts'
import { createOrder } from './order.ts'
import type { OrderChange } from './schema.ts'
import { factsOf, ownEventId, type StagedVersion, versionOf } from './staged-version.ts'

type Link = { readonly version: StagedVersion; readonly change: OrderChange; asOf: string }

/**
 * The changes that a run has to publish: from the first one that a version of its own makes, to the last one of the order. What
 * follows an event that came late is published again, with new ids, since the order is another one there.
 * @param versions of one order, in any order; rows of the same version may be repeated
 * @param isOwn true for the versions that the run has staged
 */
export function changesFrom(
  versions: readonly StagedVersion[],
  isOwn: (version: StagedVersion) => boolean,
): OrderChange[] {
  const links = chainOf(versions)
  const first = links.findIndex(({ version }) => isOwn(version))
  return first === -1 ? [] : links.map(toChange).slice(first)
}

/** All changes of an order, the oldest first. */
export const changesOf = (versions: readonly StagedVersion[]): OrderChange[] =>
  chainOf(versions).map(toChange)

function chainOf(versions: readonly StagedVersion[]): Link[] {
  const order = createOrder()
  const links: Link[] = []
  for (const version of distinct(versions).toSorted(byPosition)) {
    const last = links.at(-1)
    if (order.isChangedBy(version)) links.push(nextLink(order, version, last?.change ?? null))
    else if (last) last.asOf = version.publish_time
  }
  return links
}

function nextLink(
  order: ReturnType<typeof createOrder>,
  version: StagedVersion,
  last: OrderChange | null,
): Link {
  const kind = order.apply(version)
  const { partner_id, order_id, message_id, publish_time, batch_id } = version
  const said = {
    previous_change_id: last?.change_id ?? null,
    kind,
    partner_id: publicPartner(partner_id),
    order_id,
    before: last?.after ?? null,
    after: order.state(),
    event: factsOf(version),
  }
  const change: OrderChange = {
    change_id: digest([JSON.stringify(said)]),
    ...said,
    sequence: '',
    source: { event_id: ownEventId(version), message_id, publish_time, batch_id },
  }
  return { version, change, asOf: publish_time }
}

/** The digits of the position of a change among those of its order, so that positions sort as text. */
const POSITION_DIGITS = 6

/** A change is true until the next one of the order: as of the newest message before that. */
function toChange({ change, asOf }: Link, at: number): OrderChange {
  return { ...change, sequence: `${asOf}/${String(at + 1).padStart(POSITION_DIGITS, '0')}` }
}

/** The rows of a version are one version, since the first of them was written. A row goes before a message. */
function distinct(versions: readonly StagedVersion[]): StagedVersion[] {
  const first = new Map<string, StagedVersion>()
  for (const version of versions) {
    const key = versionOf(version)
    const known = first.get(key)
    if (!known || writtenAt(version) < writtenAt(known)) first.set(key, version)
  }
  return [...first.values()]
}

/** The order of the views: by publish time, then message id, then the time of the row where an event was edited. */
function byPosition(one: StagedVersion, other: StagedVersion): number {
  return (
    compare(one.publish_time, other.publish_time) ||
    compare(one.message_id, other.message_id) ||
    compare(writtenAt(one), writtenAt(other)) ||
    compare(one.content_hash, other.content_hash)
  )
}

/** A message that no row is readable of is the newest: its row was written just now. */
const writtenAt = ({ ingested_at }: StagedVersion) => ingested_at ?? '9'

const compare = (one: string, other: string) => (one < other ? -1 : Number(one > other))
