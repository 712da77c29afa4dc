// Reads the ledger from where the data ended up: Pub/Sub, BigQuery, Temporal and the Segment stand-in.

import { readFile } from 'node:fs/promises'
import type { BigQuery } from '@google-cloud/bigquery'
import type { Client } from '@temporalio/client'
import { DATASET, IS_WHOLE_BATCH, type Stage, WORKFLOW } from '#contracts'
import type { Pipeline } from './pipeline.ts'
import { countPublished } from './witness.ts'

export type Ledger = {
  /** Messages the topic of events and the retry topic took, by subscriptions of their own. */
  readonly published: number
  /** Messages without the duplicates among them. */
  readonly received: number
  readonly accepted: number
  readonly rejected: number
  /** Messages that repeat an event another message brought. */
  readonly duplicates: number
  /** Messages in batch workflows that still run. */
  readonly inFlight: number
  /** Acknowledged messages that are neither staged nor in a dead letter nor a duplicate, or not even in the audit log. */
  readonly unaccounted: number
  /** Messages in the audit log. */
  readonly audited: number
  readonly staged: { readonly purchase: number; readonly cancellation: number }
  /** Rejected messages whose event was staged by a redrive. */
  readonly redriven: number
  /** Calls Segment accepted, each once. */
  readonly activated: number
  /** Events held back from Segment. */
  readonly notActivated: number
  readonly deadLetters: {
    readonly workflows: number
    /** Of all stages, whatever became of them since. */
    readonly events: number
    /** Events that wait for a person. */
    readonly open: number
    readonly byStage: Readonly<Record<Stage, number>>
  }
  readonly batches: number
  /** Batch workflows that ended before their work was done. */
  readonly failedBatches: number
  /** From publish to staged. */
  readonly latencyMs: { readonly p50: number; readonly p99: number }
}

const SUMS = `SELECT
  COALESCE(SUM(messages) - SUM(not_audited), 0) AS audited, COALESCE(SUM(duplicates), 0) AS duplicates,
  COALESCE(SUM(received), 0) AS received, COALESCE(SUM(accepted), 0) AS accepted,
  COALESCE(SUM(rejected), 0) AS rejected, COALESCE(SUM(unaccounted), 0) AS unaccounted
FROM ${DATASET}.reconciliation`

/**
 * An event that came twice, or was redriven, may have come further the second time: the furthest counts, and only
 * that. A rejected message is in a dead letter of validation for good; its event is `redriven` where it is staged.
 */
const COUNTS = `WITH staged AS (
  SELECT partner_id, type, event_id FROM ${DATASET}.purchase
  UNION ALL
  SELECT partner_id, type, event_id FROM ${DATASET}.cancellation
),
rejected AS (
  SELECT DISTINCT message_id, publish_time FROM ${DATASET}.audit_log
  WHERE decision = 'rejected' AND NOT ${IS_WHOLE_BATCH}
),
accepted AS (
  SELECT DISTINCT partner_id, type, event_id FROM ${DATASET}.audit_log WHERE decision = 'accepted'
),
redriven AS (
  SELECT DISTINCT partner_id, type, event_id FROM (
    SELECT partner_id, type, event_id, message_id, publish_time FROM ${DATASET}.staging_purchase
    UNION ALL
    SELECT partner_id, type, event_id, message_id, publish_time FROM ${DATASET}.staging_cancellation
  ) AS one
  JOIN rejected
    ON rejected.message_id = one.message_id AND rejected.publish_time = one.publish_time
),
settled AS (
  SELECT partner_id, type, event_id, MAX(IF(outcome = 'accepted', 1, 0)) AS is_activated
  FROM ${DATASET}.activation_log
  WHERE outcome IN ('accepted', 'not_activated')
  GROUP BY partner_id, type, event_id
),
dead AS (
  SELECT DISTINCT stage, partner_id, type, event_id FROM ${DATASET}.dead_letter
  WHERE stage != 'validation'
)
SELECT
  (SELECT COUNT(*) FROM ${DATASET}.purchase) AS purchase,
  (SELECT COUNT(*) FROM ${DATASET}.cancellation) AS cancellation,
  (SELECT COUNT(*) FROM redriven LEFT JOIN accepted
    ON accepted.partner_id = redriven.partner_id AND accepted.type = redriven.type AND accepted.event_id = redriven.event_id
    WHERE accepted.event_id IS NULL) AS redriven,
  (SELECT COUNT(*) FROM ${DATASET}.open_dead_letter) AS open,
  (SELECT COUNT(*) FROM settled WHERE is_activated = 0) AS not_activated,
  (SELECT COUNT(*) FROM rejected JOIN (
    SELECT DISTINCT message_id, publish_time FROM ${DATASET}.dead_letter
    WHERE stage = 'validation') AS refused
    ON refused.message_id = rejected.message_id AND refused.publish_time = rejected.publish_time)
  + (SELECT COALESCE(SUM(not_audited), 0) FROM ${DATASET}.acknowledged WHERE is_unreadable) AS dead_at_validation,
  (SELECT COUNT(*) FROM dead
    JOIN accepted
    ON accepted.partner_id = dead.partner_id AND accepted.type = dead.type AND accepted.event_id = dead.event_id
    LEFT JOIN staged
    ON staged.partner_id = dead.partner_id AND staged.type = dead.type AND staged.event_id = dead.event_id
    WHERE dead.stage = 'staging' AND staged.event_id IS NULL) AS dead_at_staging,
  (SELECT COUNT(*) FROM dead LEFT JOIN settled
    ON settled.partner_id = dead.partner_id AND settled.type = dead.type AND settled.event_id = dead.event_id
    WHERE dead.stage = 'activation' AND settled.event_id IS NULL) AS dead_at_activation`

const LATENCY = `WITH staged AS (
  SELECT publish_time, ingested_at FROM ${DATASET}.purchase
  UNION ALL
  SELECT publish_time, ingested_at FROM ${DATASET}.cancellation
)
SELECT
  APPROX_QUANTILES(TIMESTAMP_DIFF(ingested_at, publish_time, MILLISECOND), 100)[OFFSET(50)] AS p50,
  APPROX_QUANTILES(TIMESTAMP_DIFF(ingested_at, publish_time, MILLISECOND), 100)[OFFSET(99)] AS p99
FROM staged`

/** @param published the number of messages, where the demo's own subscriptions did not count them */
export async function readLedger(
  { config, bigquery, temporal, stack }: Omit<Pipeline, 'stop'>,
  published?: number,
): Promise<Ledger> {
  const sums = await readRow(bigquery, SUMS)
  const counts = await readRow(bigquery, COUNTS)
  const latency = await readRow(bigquery, LATENCY)
  const byStage = {
    validation: number(counts['dead_at_validation']),
    staging: number(counts['dead_at_staging']),
    activation: number(counts['dead_at_activation']),
  }
  const count = async (query: string) => (await temporal.workflow.count(query)).count
  return {
    published: published ?? (await countPublished(config)),
    received: number(sums['received']),
    accepted: number(sums['accepted']),
    rejected: number(sums['rejected']),
    duplicates: number(sums['duplicates']),
    inFlight: await messagesInFlight(temporal),
    unaccounted: number(sums['unaccounted']),
    audited: number(sums['audited']),
    staged: { purchase: number(counts['purchase']), cancellation: number(counts['cancellation']) },
    redriven: number(counts['redriven']),
    activated: (await acceptedCalls(stack.segment.file)).size,
    notActivated: number(counts['not_activated']),
    deadLetters: {
      workflows: await count(
        `WorkflowType = '${WORKFLOW.deadLetter}' AND ExecutionStatus = 'Failed'`,
      ),
      events: byStage.validation + byStage.staging + byStage.activation,
      open: number(counts['open']),
      byStage,
    },
    batches: await count(`WorkflowType = '${WORKFLOW.processBatch}'`),
    failedBatches: await count(
      `WorkflowType = '${WORKFLOW.processBatch}' AND ExecutionStatus IN ('Failed', 'Terminated', 'TimedOut')`,
    ),
    latencyMs: { p50: number(latency['p50']), p99: number(latency['p99']) },
  }
}

/**
 * True where every message that was published is accounted for, and every event that was accepted, or corrected and
 * redriven, reached its table and Segment's desk, was held back, or is in the dead letters of the stage it could not
 * pass. Pure.
 */
export function isBalanced(ledger: Ledger): boolean {
  const { staged, deadLetters } = ledger
  const { validation, staging, activation } = deadLetters.byStage
  const goingOn = ledger.accepted + ledger.redriven
  return (
    ledger.received + ledger.duplicates === ledger.published &&
    ledger.accepted + ledger.rejected === ledger.received &&
    validation === ledger.rejected &&
    staged.purchase + staged.cancellation + staging === goingOn &&
    ledger.activated + ledger.notActivated + activation + staging === goingOn &&
    ledger.failedBatches === 0 &&
    ledger.inFlight === 0 &&
    ledger.unaccounted === 0
  )
}

type Row = Readonly<Record<string, unknown>>

async function readRow(bigquery: BigQuery, sql: string): Promise<Row> {
  const [rows]: [Row[], ...unknown[]] = await bigquery.query(sql)
  return rows[0] ?? {}
}

/** INT64 and NUMERIC of Google's client, or 0 for NULL. */
const number = (value: unknown) => Number(value ?? 0)

async function messagesInFlight(temporal: Client): Promise<number> {
  const query = `WorkflowType = '${WORKFLOW.processBatch}' AND ExecutionStatus = 'Running'`
  let messages = 0
  for await (const { searchAttributes } of temporal.workflow.list({ query })) {
    messages += number(searchAttributes['EventCount']?.[0])
  }
  return messages
}

async function acceptedCalls(file: string | undefined): Promise<ReadonlySet<string>> {
  const text = file === undefined ? '' : await readFile(file, 'utf8')
  const lines = text.split('\n').filter((line) => line !== '')
  return new Set(
    lines.map((line) => {
      const call: { messageId: string } = JSON.parse(line)
      return call.messageId
    }),
  )
}
