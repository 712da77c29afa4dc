// Where is my order? Everything that the tables and Temporal have of it.

import type { Reader } from '#warehouse/read'
import { type Missing, partOf } from './ask.ts'
import type { Facts } from './facts.ts'
import { find, SEARCHED, type Search, type Subject } from './find.ts'
import { readRows } from './rows.ts'
import type { Temporal } from './runs.ts'

export type TraceResult = {
  readonly search: Search
  /** One for each order of a partner, or for each message whose order cannot be read; none where nothing was found. */
  readonly traces: readonly Facts[]
  /** What else has the id, and was not read. */
  readonly others: readonly Subject[]
  /** The tables that were searched, such as `streaming.audit_log`. */
  readonly searched: readonly string[]
  /** The tables that could not be searched. */
  readonly missing: readonly Missing[]
  /** Batches that run and may hold it, where nothing was found; null where Temporal does not say. */
  readonly openBatches: number | null
}

/** The same id may be an order of several partners; more of them than this are not read at once. */
const MAX_TRACES = 5

/** Never throws for a table or a Temporal that does not answer: the result says what is missing. */
export async function trace(
  read: Reader,
  temporal: Temporal,
  search: Search,
): Promise<TraceResult> {
  const { subjects, missing } = await find(read, search)
  const traces = await Promise.all(
    subjects.slice(0, MAX_TRACES).map((subject) => traceOf(read, temporal, subject)),
  )
  const searched = SEARCHED.map(partOf).filter((one) => missing.every(({ part }) => part !== one))
  const isFound = traces.length > 0
  return {
    search,
    traces: traces.map((one) => ({ ...one, missing: eachPartOnce([...missing, ...one.missing]) })),
    others: subjects.slice(MAX_TRACES),
    searched,
    missing,
    openBatches: isFound || searched.length === 0 ? null : await temporal.countOpenBatches(),
  }
}

async function traceOf(read: Reader, temporal: Temporal, subject: Subject): Promise<Facts> {
  const rows = await readRows(read, subject)
  const { audited, staged, activated, dead } = rows
  const letters = dead.map((row) => row.dead_letter_id)
  const batches = [...audited, ...staged, ...activated, ...dead].map((row) => row.batch_id)
  const { runs, missing } = await temporal.read([...new Set([...batches, ...letters])])
  return { subject, rows, runs, missing: [...rows.missing, ...missing] }
}

const eachPartOnce = (missing: readonly Missing[]) => [
  ...new Map(missing.map((one) => [one.part, one])).values(),
]
