// The versions of the events of an order: its corrections, in the order in which they were published. Pure.

import { compare } from '#runtime/compare'
import { groupBy } from '#runtime/group-by'
import type { StagedRow } from '#warehouse/sql/order-rows'

/** Which version of its event a staged row is: `number` counts from 1. */
export type Version = {
  readonly number: number
  readonly of: number
  /** The message of the newest row, which the views show. */
  readonly shown: string
}

/** Rows of an earlier version of the pipeline have no content hash, and count as one version of their event. */
export function versionsOf(staged: readonly StagedRow[]): ReadonlyMap<StagedRow, Version> {
  const events = groupBy(staged, ({ type, event_id }) => JSON.stringify([type, event_id]))
  return new Map([...events.values()].flatMap(versionsOfEvent))
}

function versionsOfEvent(rows: readonly StagedRow[]): [StagedRow, Version][] {
  const published = rows.toSorted(byPublishing)
  const hashes = [...new Set(published.map(({ content_hash }) => content_hash))]
  const shown = published.at(-1)?.message_id ?? ''
  return published.map((row) => [
    row,
    { number: hashes.indexOf(row.content_hash) + 1, of: hashes.length, shown },
  ])
}

const byPublishing = (a: StagedRow, b: StagedRow) =>
  compare(a.publish_time, b.publish_time) || compare(a.message_id, b.message_id)
