// The staging tables and the topic of change events as plain lists, runs that publish when a test says, and a consumer.

import { changesFrom } from '#contracts/order-change/chain'
import type { OrderChange, OrderState } from '#contracts/order-change/schema'
import { orderOf, type StagedVersion, versionOf } from '#contracts/order-change/staged-version'
import { groupBy } from '#runtime/group-by'

export type ChangesRun = { readonly own: readonly StagedVersion[] }

/** A version without the time of its row. */
export type Sent = Omit<StagedVersion, 'ingested_at' | 'batch_id'>

export function createChangesWorld() {
  const rows: StagedVersion[] = []
  const published: OrderChange[] = []
  let runs = 0

  return {
    rows,
    published,
    /** Stages the versions of a batch; what they changed is published by the run it answers with, when the test says. */
    stage: (versions: readonly Sent[]): ChangesRun => {
      const batch_id = `batch-${++runs}`
      const ingested_at = new Date(runs * 1_000).toISOString().replace('Z', '000Z')
      const own = versions.map((version) => ({ ...version, batch_id, ingested_at: null }))
      rows.push(...own.map((version) => ({ ...version, ingested_at })))
      return { own }
    },
    /** One attempt of a run. It ends after so many messages. */
    publish: ({ own }: ChangesRun, most = Number.POSITIVE_INFINITY) => {
      const isOwn = new Set(own.map(versionOf))
      const changes = [...groupBy(own, orderOf)].flatMap(([order, versions]) =>
        // BigQuery gives rows in any order.
        changesFrom(
          [...versions, ...rows.filter((row) => orderOf(row) === order)].toReversed(),
          (one) => isOwn.has(versionOf(one)),
        ),
      )
      published.push(...changes.slice(0, most))
    },
  }
}

/**
 * What a consumer holds that does as docs/change-events.md says: it drops what has an id that it knows, and keeps of each order the
 * state with the greatest sequence.
 */
export function consumed(changes: readonly OrderChange[]): Map<string, OrderState> {
  const newest = new Map<string, OrderChange>()
  const ids = new Set<string>()
  for (const change of changes) {
    if (ids.has(change.change_id)) continue
    ids.add(change.change_id)
    const known = newest.get(change.order_id)
    if (!known || change.sequence > known.sequence) newest.set(change.order_id, change)
  }
  return new Map([...newest].map(([order, { after }]) => [order, after]))
}
