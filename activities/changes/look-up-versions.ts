// Looks up what the staging tables have of the orders of events, with one query for many batches.

import { orderOf, type StagedVersion } from '#contracts/order-change/staged-version'
import { monotonicMs } from '#runtime/clock'
import { groupBy } from '#runtime/group-by'
import type { Reader } from '#warehouse/read'
import { stagedVersions } from '#warehouse/sql/staged-versions'
import { createCollector, fullAt } from '../activation/collector.ts'

/** The staged versions of each order, by `orderOf`; an order of which the tables have nothing is missing. */
export type VersionsByOrder = ReadonlyMap<string, readonly StagedVersion[]>

/** @throws ApplicationFailure of the registry where BigQuery does not answer */
export type LookUpVersions = (versions: readonly StagedVersion[]) => Promise<VersionsByOrder>

const DAY_MS = 24 * 60 * 60 * 1000

/** A car is delivered within a year of its order, and the order may be cancelled until then. */
export const LOOK_BACK_DAYS = 400

/** A step has five seconds as a local activity, and a query takes one or two of them. */
const EVERY_MS = 1_000

/** As many batches as a worker runs at a time, and as many events as the answer may have some rows of. */
const MAX_BATCHES = 20
const MAX_EVENTS = 5_000

const isFull = fullAt(MAX_BATCHES, MAX_EVENTS)

/** @param everyMs while queries follow each other, one begins this long after the one before, with what has come meanwhile */
export function createLookUpVersions(read: Reader, everyMs = EVERY_MS): LookUpVersions {
  const ask = async (collected: readonly (readonly StagedVersion[])[]) =>
    groupBy(await read(stagedVersions(wantedBy(collected.flat()))), orderOf)
  const collector = createCollector(ask, { everyMs, isFull, now: monotonicMs })
  return (versions) => collector.collect(versions)
}

function wantedBy(versions: readonly StagedVersion[]) {
  const oldest = versions.reduce(
    (first, { publish_time }) => Math.min(first, Date.parse(publish_time)),
    Number.POSITIVE_INFINITY,
  )
  return {
    partners: [...new Set(versions.map(({ partner_id }) => partner_id))],
    orders: [...new Set(versions.map(({ order_id }) => order_id))],
    since: new Date(oldest - LOOK_BACK_DAYS * DAY_MS),
  }
}
