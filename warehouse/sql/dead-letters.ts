// Reads the tables of dead letters: they know those that Temporal has forgotten, too.

import type { BigQuery } from '@google-cloud/bigquery'
import { z } from 'zod'
import { DATASET, lastEvents } from '#contracts'
import type { WarehouseAddress } from '../client.ts'
import { plain } from '../plain.ts'
import type { Filters } from './dead-letter-filters.ts'
import { fault } from './violations.ts'

/** Runs a query; every value of its rows is checked by whoever asks. */
export type Store = (sql: string, params?: Params) => Promise<readonly unknown[]>

type Params = Readonly<Record<string, string | readonly string[]>>

/** @throws BigQueryError, or UsageError where a person must sign in, from every query */
export function openStore(address: WarehouseAddress): Store {
  let bigquery: BigQuery | undefined
  return async (query, params = {}) => {
    // Google's client takes a second to load: no other command waits for it.
    const { createBigQuery } = await import('../client.ts')
    bigquery ??= createBigQuery(address)
    try {
      const [rows]: [unknown[], ...unknown[]] = await bigquery.query({ query, params })
      return rows
    } catch (error) {
      const { explainBigQuery } = await import('#operations/google')
      throw explainBigQuery(error, address)
    }
  }
}

const text = z.preprocess(plain, z.string())
const nullable = z.preprocess(plain, z.string().nullable())
const count = z.coerce.number()
const json = z.preprocess(
  (value) => (typeof value === 'string' ? JSON.parse(value) : value),
  z.unknown(),
)

const group = z.object({
  id: text,
  stage: text,
  partner_id: text,
  type: text,
  reasons: text,
  events: count,
  oldest: text,
  is_closed: count,
  partners: count,
})

/** Events of a dead letter that share stage, partner, type and reasons. */
export type Group = {
  readonly id: string
  readonly stage: string
  readonly partner: string
  readonly type: string
  readonly reasons: readonly string[]
  readonly events: number
  /** When its oldest was published. RFC 3339, UTC. */
  readonly oldest: string
  readonly isOpen: boolean
  /** Of the whole dead letter, as far as it is open, or of all of it. */
  readonly partners: number
}

/**
 * Every dead letter that has at least one event the filters let through, whole, but of one partner only where that is
 * asked for; the oldest first.
 */
export async function readGroups(
  store: Store,
  of: 'open' | 'all',
  filters: Filters = {},
): Promise<Group[]> {
  const { condition, params } = conditionOf(filters)
  const rows = await store(
    `WITH event AS (
      SELECT
        dead_letter_id, stage, partner_id, COALESCE(type, 'unknown') AS type, publish_time, reasons,
        ${of === 'open' ? '0 AS is_closed' : 'is_closed'},
        (SELECT STRING_AGG(code, ',' ORDER BY code) FROM UNNEST(reasons) AS code) AS codes
      FROM (${lastEvents(of)})
      WHERE TRUE ${of === 'open' ? '' : OPEN_FIRST}
    ),
    letter AS (
      SELECT dead_letter_id, COUNT(DISTINCT partner_id) AS partners FROM event GROUP BY dead_letter_id
    )
    SELECT
      event.dead_letter_id AS id, stage, partner_id, type, COALESCE(codes, '') AS reasons,
      COUNT(*) AS events, MIN(publish_time) AS oldest, MAX(is_closed) AS is_closed,
      MAX(partners) AS partners
    FROM event JOIN letter ON letter.dead_letter_id = event.dead_letter_id
    WHERE event.dead_letter_id IN (SELECT dead_letter_id FROM event WHERE ${condition})
      ${filters.partner === undefined ? '' : 'AND partner_id = @partner'}
    GROUP BY id, stage, partner_id, type, codes
    ORDER BY oldest, id`,
    params,
  )
  return z
    .array(group)
    .parse(rows)
    .map((row) => ({
      id: row.id,
      stage: row.stage,
      partner: row.partner_id,
      type: row.type,
      reasons: row.reasons.split(',').filter((code) => code !== ''),
      events: row.events,
      oldest: row.oldest,
      isOpen: row.is_closed === 0,
      partners: row.partners,
    }))
}

/** Of a dead letter that is open in part, the open events; of one that is closed, all. */
const OPEN_FIRST = 'QUALIFY is_closed = MIN(is_closed) OVER (PARTITION BY dead_letter_id)'

/** The conditions of the filters that are set, and the values they name. */
function conditionOf({ since, until, ...words }: Filters) {
  const values = { ...words, since: since?.toISOString(), until: until?.toISOString() }
  const set = CONDITIONS.flatMap(([name, condition]) => {
    const value = values[name]
    return value === undefined ? [] : [{ name, condition, value }]
  })
  return {
    condition: ['TRUE', ...set.map(({ condition }) => condition)].join(' AND '),
    params: Object.fromEntries(set.map(({ name, value }) => [name, value])),
  }
}

const CONDITIONS = [
  ['partner', 'partner_id = @partner'],
  ['stage', 'stage = @stage'],
  ['reason', '@reason IN UNNEST(reasons)'],
  ['type', 'type = @type'],
  ['since', 'publish_time >= CAST(@since AS TIMESTAMP)'],
  ['until', 'publish_time < CAST(@until AS TIMESTAMP)'],
] as const satisfies readonly (readonly [name: keyof Filters, condition: string])[]

/** The ids of all dead letters there ever were, or of those with events of one partner. */
export async function readIds(store: Store, partner?: string): Promise<string[]> {
  const rows = await store(
    `SELECT DISTINCT dead_letter_id FROM ${DATASET}.dead_letter${partner === undefined ? '' : ' WHERE partner_id = @partner'}`,
    partner === undefined ? {} : { partner },
  )
  return z
    .array(z.object({ dead_letter_id: text }))
    .parse(rows)
    .map((row) => row.dead_letter_id)
}

const event = z.object({
  dead_letter_id: text,
  batch_id: text,
  stage: z.preprocess(plain, z.enum(['validation', 'staging', 'activation'])),
  partner_id: text,
  type: z.preprocess(plain, z.enum(['purchase', 'cancellation']).nullable()),
  event_id: nullable,
  order_id: nullable,
  reasons: z.array(z.string()),
  faults: json.pipe(z.array(fault)),
  data: z.instanceof(Buffer).nullable(),
  attributes: json.pipe(z.record(z.string(), z.string())),
  message_id: text,
  publish_time: text,
})

/** One event as it failed last. */
export type StoredEvent = z.output<typeof event>

/** The events of these dead letters as they failed last: those that are open, or all where none is. */
export async function readEvents(store: Store, ids: readonly string[]): Promise<StoredEvent[]> {
  // BigQuery takes no empty list whose type it is not told.
  if (ids.length === 0) return []
  const rows = await store(
    `SELECT dead_letter_id, batch_id, stage, partner_id, type, event_id, order_id, reasons, faults, data,
      attributes, message_id, publish_time
    FROM (${lastEvents('all')})
    WHERE dead_letter_id IN UNNEST(@ids)
    ${OPEN_FIRST}
    ORDER BY dead_letter_id, publish_time, message_id`,
    { ids },
  )
  return z.array(event).parse(rows)
}

const standing = z.object({ dead_letter_id: text, attempts: count, is_closed: count })

/** How often each was handled, and whether it is closed. One that is not in the answer does not exist. */
export async function readStandings(store: Store, ids: readonly string[]) {
  const rows = await store(
    `SELECT dead_letter_id, MAX(attempt) AS attempts, MAX(is_closed) AS is_closed FROM (
      SELECT dead_letter_id, COALESCE(attempt, 0) AS attempt, 0 AS is_closed
      FROM ${DATASET}.dead_letter
      UNION ALL
      SELECT
        dead_letter_id, attempt,
        IF(outcome = 'closed' AND COALESCE(ARRAY_LENGTH(message_ids), 0) = 0, 1, 0) AS is_closed
      FROM ${DATASET}.dead_letter_log
    )
    WHERE dead_letter_id IN UNNEST(@ids)
    GROUP BY dead_letter_id`,
    { ids },
  )
  return z
    .array(standing)
    .parse(rows)
    .map((row) => ({
      id: row.dead_letter_id,
      attempts: row.attempts,
      isOpen: row.is_closed === 0,
    }))
}

const logged = z.object({
  action: text,
  attempt: count,
  outcome: text,
  actor: text,
  reason: text,
  patch: json.nullable(),
  events: count,
  failed: count,
  run_id: text,
  occurred_at: text,
})

/** What was done with a dead letter, in order. */
export type Logged = z.output<typeof logged>

export async function readLog(store: Store, id: string): Promise<Logged[]> {
  const rows = await store(
    `SELECT action, attempt, outcome, actor, reason, patch, events, failed, run_id, occurred_at
    FROM ${DATASET}.dead_letter_log WHERE dead_letter_id = @id ORDER BY attempt, ingested_at`,
    { id },
  )
  const seen = new Set<string>()
  // A retry may have written the row of its run twice.
  return z
    .array(logged)
    .parse(rows)
    .filter(({ run_id }) => {
      const isFirst = !seen.has(run_id)
      seen.add(run_id)
      return isFirst
    })
}
