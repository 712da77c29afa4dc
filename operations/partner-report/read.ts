// Reads what the events of one partner were rejected for, by reason, with a sample of each.

import type { BigQuery } from '@google-cloud/bigquery'
import { z } from 'zod'
import { DATASET, IS_ENDED, REASONS } from '#contracts'
import { plain, plainRow } from '#warehouse/plain'
import { fateSql } from '#warehouse/sql/fate'
import { faults } from '#warehouse/sql/violations'
import { OperationError } from '../errors.ts'
import { maskedSample } from './masked-sample.ts'

/** Whose report, and of what. */
export type ReportRequest = {
  readonly partner: string
  readonly since?: Date | undefined
  readonly until?: Date | undefined
  /** Only what waits to be corrected: in an open dead letter, and not corrected by another message. */
  readonly open: boolean
}

export type ReasonRow = {
  readonly reason: string
  readonly events: number
  /** Those of them that wait to be corrected. */
  readonly open: number
  /** Of the rejected events. One event may have several reasons. */
  readonly share: number
  readonly firstSeen: string
  readonly lastSeen: string
  readonly contractExpects: string
  /** The newest event with this reason, personal data masked. */
  readonly sample: Sample
}

export type Sample = {
  readonly messageId: string
  readonly publishedAt: string
  readonly orderId: string | null
  readonly path: string
  readonly received: string
  readonly event: string
}

export type Report = ReportRequest & {
  /** Messages in the period; what we sent again ourselves does not count. */
  readonly received: number
  readonly rejected: number
  /** Rejected ones whose event is staged since, whoever corrected it. */
  readonly corrected: number
  /** Rejected ones that wait to be corrected. The others were closed without that. */
  readonly waiting: number
  /** Publish times of the first and the last rejected one. */
  readonly firstSeen: string | null
  readonly lastSeen: string | null
  readonly reasons: readonly ReasonRow[]
}

type Params = Readonly<Record<string, string | Date>>

/** The report, or the partners that sent something in the period where this one sent nothing. */
export type ReportResult =
  | { readonly report: Report }
  | { readonly otherPartners: readonly string[] }

/**
 * @throws OperationError `period_reversed`
 * @throws ApiError with BigQuery's own words where it refuses a query
 */
export async function reportOn(bigquery: BigQuery, request: ReportRequest): Promise<ReportResult> {
  const report = await readReport(bigquery, request)
  if (report.received > 0 || report.rejected > 0) return { report }
  return { otherPartners: await partnersOf(bigquery, request) }
}

async function readReport(bigquery: BigQuery, request: ReportRequest): Promise<Report> {
  const { since, until } = request
  if (since && until && since >= until)
    throw new OperationError('period_reversed', { since, until })
  const params = paramsOf(request)
  const query = (sql: string) => rowsOf(bigquery, sql, params)
  const [received, totals, reasons, samples] = await Promise.all([
    query(receivedSql(request)),
    query(`${countedSql(request)}
SELECT COUNT(*) AS rejected, COALESCE(SUM(is_corrected), 0) AS corrected,
  COALESCE(SUM(is_waiting), 0) AS waiting,
  MIN(publish_time) AS first_seen, MAX(publish_time) AS last_seen
FROM counted`),
    query(`${countedSql(request)}
SELECT reason, COUNT(*) AS events, SUM(is_waiting) AS open,
  MIN(publish_time) AS first_seen, MAX(publish_time) AS last_seen
FROM counted CROSS JOIN UNNEST(reasons) AS reason
GROUP BY reason ORDER BY events DESC, reason`),
    query(`${countedSql(request)}
SELECT reason, message_id, publish_time, order_id, data, faults
FROM counted CROSS JOIN UNNEST(reasons) AS reason
WHERE TRUE
QUALIFY ROW_NUMBER() OVER (PARTITION BY reason ORDER BY publish_time DESC, message_id) = 1`),
  ])
  const total = totalRow.parse(plainRow(totals[0] ?? {}))
  const sampleOf = new Map(samples.map((row) => sampleEntry(row)))
  return {
    ...request,
    received: countRow.parse(received[0] ?? {}).received,
    rejected: total.rejected,
    corrected: total.corrected,
    waiting: total.waiting,
    firstSeen: total.first_seen,
    lastSeen: total.last_seen,
    reasons: reasons.map((row) =>
      toReason(reasonRow.parse(plainRow(row)), total.rejected, sampleOf),
    ),
  }
}

/** Who sent something in that period, so that a mistyped partner is noticed. */
async function partnersOf(bigquery: BigQuery, request: ReportRequest): Promise<string[]> {
  const sql = `SELECT DISTINCT partner_id FROM ${DATASET}.audit_log
WHERE TRUE ${periodSql(request)} ORDER BY partner_id LIMIT 20`
  const { partner: _partner, ...params } = paramsOf(request)
  const rows = await rowsOf(bigquery, sql, params)
  return z
    .array(z.object({ partner_id: z.string() }))
    .parse(rows)
    .map((row) => row.partner_id)
}

const paramsOf = ({ partner, since, until }: ReportRequest): Params => ({
  partner,
  ...(since && { since }),
  ...(until && { until }),
})

const periodSql = ({ since, until }: ReportRequest) =>
  `${since ? 'AND publish_time >= @since' : ''} ${until ? 'AND publish_time < @until' : ''}`

/** A message of the retry topic is ours, not the partner's. */
const OURS = "JSON_VALUE(attributes, '$.redrive_of') IS NULL"

const receivedSql = (request: ReportRequest) => `SELECT COUNT(*) AS received FROM (
  SELECT DISTINCT message_id, publish_time FROM ${DATASET}.audit_log
  WHERE partner_id = @partner AND part = 0 AND ${OURS} ${periodSql(request)})`

/** Each message once: as it first failed, or, of the open ones, as it failed last. A batch that was stopped is our fault. */
const rejectedSql = (request: ReportRequest) => `rejected AS (
  SELECT message_id, publish_time, type, event_id, order_id, data, faults, reasons
  FROM ${DATASET}.${request.open ? 'open_dead_letter' : 'dead_letter'}
  WHERE partner_id = @partner AND stage = 'validation' AND ${OURS}
    AND NOT ${IS_ENDED}
    ${request.open ? '' : 'AND COALESCE(attempt, 0) = 0'} ${periodSql(request)}
  QUALIFY ROW_NUMBER() OVER (PARTITION BY message_id, publish_time ORDER BY ingested_at) = 1
)`

/** What the partner has sent again, corrected, may be open still, and yet nobody waits for it. */
const countedSql = (request: ReportRequest) => `WITH RECURSIVE ${rejectedSql(request)},
${fateSql(request.since !== undefined)},
counted AS (SELECT * FROM fate WHERE ${request.open ? 'is_waiting = 1' : 'TRUE'})`

async function rowsOf(
  bigquery: BigQuery,
  query: string,
  params: Params,
): Promise<Record<string, unknown>[]> {
  const [rows]: [Record<string, unknown>[], ...unknown[]] = await bigquery.query({ query, params })
  return rows
}

const countRow = z.object({ received: z.number() })
const totalRow = z.object({
  rejected: z.number(),
  corrected: z.number(),
  waiting: z.number(),
  first_seen: z.string().nullable(),
  last_seen: z.string().nullable(),
})
const reasonRow = z.object({
  reason: z.string(),
  events: z.number(),
  open: z.number(),
  first_seen: z.string(),
  last_seen: z.string(),
})
const sampleRow = z.object({
  reason: z.string(),
  message_id: z.string(),
  publish_time: z.preprocess(plain, z.string()),
  order_id: z.string().nullable(),
  data: z.instanceof(Buffer).nullable(),
  faults,
})

type Found = { readonly sample: Sample; readonly expected: string }

function sampleEntry(row: Record<string, unknown>): [reason: string, found: Found] {
  const { reason, data, ...of } = sampleRow.parse(row)
  const fault = of.faults.find((one) => one.reason === reason)
  const sample = {
    messageId: of.message_id,
    publishedAt: of.publish_time,
    orderId: of.order_id,
    path: fault?.path ?? '',
    received: fault?.received ?? '',
    event: maskedSample(data),
  }
  return [reason, { sample, expected: fault?.expected ?? '' }]
}

const NO_SAMPLE: Found = {
  sample: { messageId: '', publishedAt: '', orderId: null, path: '', received: '', event: '' },
  expected: '',
}

function toReason(
  { reason, events, open, first_seen, last_seen }: z.output<typeof reasonRow>,
  rejected: number,
  samples: ReadonlyMap<string, Found>,
): ReasonRow {
  const { sample, expected } = samples.get(reason) ?? NO_SAMPLE
  return {
    reason,
    events,
    open,
    share: events / rejected,
    firstSeen: first_seen,
    lastSeen: last_seen,
    contractExpects: REASONS[reason] ?? expected,
    sample,
  }
}
