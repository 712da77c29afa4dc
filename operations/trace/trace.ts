// `npm run trace`: where is my order? Every message, decision, row, attempt and action, from the tables and Temporal.

import type { BigQuery } from '@google-cloud/bigquery'
import { visibleInLine } from '#contracts/visible'
import { wallClock } from '#runtime/clock'
import { print } from '../../cli/output/print.ts'
import { withBigQuery } from '../../cli/reach-bigquery.ts'
import { missingLines, printed } from '../../cli/trace/print.ts'
import { answerOf } from './answer.ts'
import type { Missing } from './ask.ts'
import { find, SEARCHED, type Search, type Subject } from './find.ts'
import { readRows } from './rows.ts'
import { reachTemporal, type Temporal } from './runs.ts'
import { type Entry, timelineOf } from './timeline.ts'

/** One order of one partner, or one message whose order cannot be read. */
export type Trace = {
  readonly partnerId: string
  readonly orderId: string | null
  /** One sentence. */
  readonly answer: string
  readonly timeline: readonly Entry[]
  /** What could not be asked: the rest of the answer stands. */
  readonly missing: readonly Missing[]
}

export type Traced = {
  readonly id: string
  readonly found: boolean
  readonly traces: readonly Trace[]
  /** Why there is no trace, or what more there is. */
  readonly notes: readonly string[]
}

/** The same id may be an order of several partners; more of them than this are not read at once. */
const MAX_TRACES = 5

/** Never throws for a table or a Temporal that does not answer: the traces say what is missing. */
export async function trace(
  bigquery: BigQuery,
  temporal: Temporal,
  search: Search,
): Promise<Traced> {
  const { subjects, missing } = await find(bigquery, search)
  const read = subjects.slice(0, MAX_TRACES)
  const traces = await Promise.all(
    read.map((subject) => traceOf(bigquery, temporal, subject, missing)),
  )
  const notes =
    read.length === 0
      ? await notFound(temporal, search, missing)
      : others(subjects.slice(MAX_TRACES))
  return { id: search.id, found: traces.length > 0, traces, notes }
}

async function traceOf(
  bigquery: BigQuery,
  temporal: Temporal,
  subject: Subject,
  missing: readonly Missing[],
): Promise<Trace> {
  const rows = await readRows(bigquery, subject)
  const { audited, staged, activated, dead } = rows
  const letters = dead.map((row) => row.dead_letter_id)
  const batches = [...audited, ...staged, ...activated, ...dead].map((row) => row.batch_id)
  const { runs, missing: unanswered } = await temporal.read([...new Set([...batches, ...letters])])
  const facts = { subject, rows, runs, missing: unanswered }
  const { partnerId, orderId } = subject
  return {
    partnerId,
    orderId,
    answer: answerOf(facts),
    timeline: timelineOf(facts, wallClock().toISOString().replace('Z', '000Z')),
    missing: eachPartOnce([...missing, ...rows.missing, ...unanswered]),
  }
}

const eachPartOnce = (missing: readonly Missing[]) => [
  ...new Map(missing.map((one) => [one.part, one])).values(),
]

function others(rest: readonly Subject[]): string[] {
  if (rest.length === 0) return []
  const partners = [...new Set(rest.map(({ partnerId }) => partnerId))].join(', ')
  return [`${rest.length} more have this id, of ${partners}: choose one with --partner.`]
}

async function notFound(
  temporal: Temporal,
  { id, partner, since }: Search,
  missing: readonly Missing[],
): Promise<string[]> {
  const of = partner === undefined ? '' : ` of ${partner}`
  const from = since === undefined ? '' : ` published since ${since.toISOString()}`
  const tables = SEARCHED.map((table) => `streaming.${table}`)
  const searched = tables.filter((table) => missing.every(({ part }) => part !== table))
  if (searched.length === 0) {
    return [
      ...missingLines(missing),
      `Nothing could be searched for ${id}. Where BigQuery is away, ask again once it answers; where its tables are missing, run \`npm run setup\`.`,
    ]
  }
  const open = await temporal.countOpenBatches()
  const wait =
    open === null || open === 0
      ? 'Check the id (capitals count)'
      : `${open === 1 ? '1 batch is' : `${open} batches are`} on the way and may hold it: ask again in a few seconds. Else check the id (capitals count)`
  const wider = from ? ', look further back (such as --since 365d),' : ''
  return [
    ...missingLines(missing),
    `No order, event or message ${id}${of}${from} in ${searched.join(', ')}.`,
    `${wait}${wider} or ask the partner whether it was published.`,
  ]
}

export type TraceOptions = { partner?: string; since?: Date; json?: boolean }

/**
 * Prints the traces, or why there are none.
 * @returns the exit code: 0 found, 1 not found
 * @throws UsageError where there is no BigQuery to ask
 */
export async function runTrace(
  id: string,
  { partner, since, json }: TraceOptions,
): Promise<number> {
  return withBigQuery(async (bigquery) => {
    const temporal = reachTemporal()
    try {
      const traced = await trace(bigquery, temporal, { id, partner, since })
      print(json ? JSON.stringify(traced, null, 2) : text(traced))
      return traced.found ? 0 : 1
    } finally {
      await temporal.close()
    }
  })
}

const text = ({ traces, notes }: Traced) =>
  [...traces.map(printed), ...notes.map(visibleInLine)].filter((part) => part !== '').join('\n\n')
