// Remembers insertIds, so that a row sent again within a minute is dropped, as BigQuery does at best effort.

import { monotonicMs } from '#runtime/clock'

// BigQuery "remembers this ID for at least one minute" and promises nothing more.
const MEMORY_MS = 60_000

export type Dedupe = {
  /** True, and remembered, unless the table was given this insertId within the last minute. */
  claim(table: string, insertId: string): boolean
  /** Takes a claim back: its row was not written. */
  release(table: string, insertId: string): void
  /** Forgets the insertIds of a table that was deleted or emptied. */
  forget(table: string): void
  /** Forgets the insertIds of all tables, as two minutes without new rows do. */
  flush(): void
}

/**
 * Keeps two generations of ids per table, each a minute of them, so that forgetting costs nothing
 * per id. Ids are not persisted: a row sent again after a restart is written again.
 */
export function createDedupe(now: () => number = monotonicMs): Dedupe {
  type ClaimedAt = Map<string, number>
  const tables = new Map<string, { young: ClaimedAt; old: ClaimedAt; since: number }>()

  const generations = (table: string) => {
    const current = tables.get(table) ?? { young: new Map(), old: new Map(), since: now() }
    tables.set(table, current)
    if (now() - current.since > MEMORY_MS) {
      current.old = current.young
      current.young = new Map()
      current.since = now()
    }
    return current
  }

  return {
    claim: (table, insertId) => {
      const { young, old } = generations(table)
      const claimedAt = young.get(insertId) ?? old.get(insertId)
      if (claimedAt !== undefined && now() - claimedAt <= MEMORY_MS) return false
      young.set(insertId, now())
      return true
    },
    release: (table, insertId) => {
      const { young, old } = generations(table)
      young.delete(insertId)
      old.delete(insertId)
    },
    forget: (table) => void tables.delete(table),
    flush: () => tables.clear(),
  }
}
