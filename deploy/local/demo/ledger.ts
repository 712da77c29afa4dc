// Reads the ledger from where the data ended up: Pub/Sub, BigQuery, Temporal and the Segment stand-in.

import { readFile } from 'node:fs/promises'
import type { Client } from '@temporalio/client'
import { ENDED_WITHOUT_SUCCESS, type Stage, WORKFLOW } from '#contracts'
import { createReader } from '#warehouse/read'
import { COUNTS, LATENCY, SUMS } from './ledger-sql.ts'
import type { Pipeline } from './pipeline.ts'
import { countPublished } from './witness.ts'

export type Ledger = {
  /** Messages the topic of events and the retry topic took, by subscriptions of their own. */
  readonly published: number
  /** Messages without the duplicates and corrections among them. */
  readonly received: number
  readonly accepted: number
  readonly rejected: number
  /** Messages that repeat the contents another message brought. */
  readonly duplicates: number
  /** Versions of events that are staged already with other contents. */
  readonly corrections: number
  /** Staged events that share partner, type, order and timestamp, and have no event id to tell them apart. */
  readonly lookalikes: number
  /** Messages in batch workflows that still run. */
  readonly inFlight: number
  /** Acknowledged messages that are neither staged nor in a dead letter nor a duplicate, or not even in the audit log. */
  readonly unaccounted: number
  /** Messages in the audit log. */
  readonly audited: number
  readonly staged: { readonly purchase: number; readonly cancellation: number }
  /** Rejected messages whose event was staged by a redrive. */
  readonly redriven: number
  /** Events that calls accepted by Segment were about. */
  readonly activated: number
  /** Events held back from Segment. */
  readonly notActivated: number
  /** Events that wait for another event of their order before Segment is told of them. */
  readonly waiting: number
  /** Calls by the activation log, and those that Segment accepted, each once. */
  readonly calls: { readonly recorded: number; readonly accepted: number }
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

/** @param published the number of messages, where the demo's own subscriptions did not count them */
export async function readLedger(
  { config, bigquery, temporal, stack }: Omit<Pipeline, 'stop'>,
  published?: number,
): Promise<Ledger> {
  const read = createReader(bigquery)
  const [sums, counts, latencyMs] = [
    only(await read(SUMS)),
    only(await read(COUNTS)),
    only(await read(LATENCY)),
  ]
  const byStage = {
    validation: counts.dead_at_validation,
    staging: counts.dead_at_staging,
    activation: counts.dead_at_activation,
  }
  const count = async (query: string) => (await temporal.workflow.count(query)).count
  return {
    published: published ?? (await countPublished(config)),
    received: sums.received,
    accepted: sums.accepted,
    rejected: sums.rejected,
    duplicates: sums.duplicates,
    corrections: sums.corrections,
    lookalikes: sums.lookalikes,
    inFlight: await messagesInFlight(temporal),
    unaccounted: sums.unaccounted,
    audited: sums.audited,
    staged: { purchase: counts.purchase, cancellation: counts.cancellation },
    redriven: counts.redriven,
    activated: counts.activated,
    notActivated: counts.not_activated,
    waiting: counts.waiting,
    calls: {
      recorded: counts.calls,
      accepted: (await acceptedCalls(stack.segment.file)).size,
    },
    deadLetters: {
      workflows: await count(
        `WorkflowType = '${WORKFLOW.deadLetter}' AND ExecutionStatus = 'Failed'`,
      ),
      events: byStage.validation + byStage.staging + byStage.activation,
      open: counts.open,
      byStage,
    },
    batches: await count(`WorkflowType = '${WORKFLOW.processBatch}'`),
    failedBatches: await count(
      `WorkflowType = '${WORKFLOW.processBatch}' AND ${ENDED_WITHOUT_SUCCESS}`,
    ),
    latencyMs,
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
    ledger.received + ledger.duplicates + ledger.corrections === ledger.published &&
    ledger.accepted + ledger.rejected === ledger.received &&
    validation === ledger.rejected &&
    staged.purchase + staged.cancellation + staging === goingOn &&
    ledger.activated + ledger.notActivated + ledger.waiting + activation + staging === goingOn &&
    ledger.calls.recorded === ledger.calls.accepted &&
    ledger.failedBatches === 0 &&
    ledger.inFlight === 0 &&
    ledger.unaccounted === 0
  )
}

/** A statement that only counts has one row. */
function only<Row>([row]: readonly Row[]): Row {
  if (row === undefined) throw new Error('BigQuery answered a count without a row')
  return row
}

async function messagesInFlight(temporal: Client): Promise<number> {
  const query = `WorkflowType = '${WORKFLOW.processBatch}' AND ExecutionStatus = 'Running'`
  let messages = 0
  for await (const { searchAttributes } of temporal.workflow.list({ query })) {
    messages += Number(searchAttributes['EventCount']?.[0] ?? 0)
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
