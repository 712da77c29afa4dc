// Compares the messages that the bridge acknowledged with those in the audit log, and writes missing receipts.

import { log } from '@temporalio/activity'
import type { Client } from '@temporalio/client'
import { messagesOf, type Progress, type ReceiptCheck, type ReceiptDisagreement } from '#contracts'
import { wallClockMs } from '#runtime/clock'
import type { ActivityMetrics, SweepMetrics } from '#runtime/metrics/groups'
import type { Reader } from '#warehouse/read'
import type { Warehouse } from '#warehouse/warehouse'
import { appendAll } from '../append-all.ts'
import { receiptRows } from '../receipt-rows.ts'
import { temporalFailure } from '../temporal-failure.ts'
import { countUnaccounted } from './count-unaccounted.ts'
import { isUnderWay } from './is-under-way.ts'
import { type Audited, readAudited, readReceipts } from './read-audited.ts'
import { findReceiptRuns, type ReceiptRun } from './receipt-runs.ts'

const MAX_EXAMPLES = 20

/** The state for the next sweep stays small; the view `acknowledged` has all batches. */
const MAX_POSTPONED = 1_000

export type ReceiptCheckDeps = {
  readonly client: Client
  readonly warehouse: Warehouse
  readonly read: Reader
  readonly metrics: ActivityMetrics & SweepMetrics
}

type Finding = ReceiptCheck['examples'][number] & { readonly run: ReceiptRun }

/**
 * Idempotent. A receipt is the memo of the batch's run, so that no worker and no answer of BigQuery can change it. An open
 * batch may still write. An ended batch whose messages are not in the audit log is reported, and every sweep checks it again
 * until they are, or until Temporal has deleted the run.
 * @param until a time before which both Temporal and BigQuery are up to date
 * @throws ApplicationFailure of the registry where BigQuery or Temporal does not answer
 */
export function createCheckReceipts({ client, warehouse, read, metrics }: ReceiptCheckDeps) {
  /** Of the messages that the audit log has, and those that it does not have. */
  const tellUnaccounted = async (findings: readonly Finding[], until: string) => {
    const { messages, batches } = await countUnaccounted(client, read, until)
    const missing = findings.reduce((total, one) => total + one.missing, 0)
    metrics.ledgerUnaccounted.set(messages + missing)
    metrics.lastSweep.set(wallClockMs() / 1000, { check: 'receipts' })
    if (messages > 0)
      log.error('sweep: accepted messages are neither staged nor in a dead letter', {
        messages,
        examples: batches.slice(0, MAX_EXAMPLES),
      })
  }

  return async function checkReceipts(last: Progress, until: string): Promise<ReceiptCheck> {
    const found = await findReceiptRuns(client, last, until).catch(unlisted)
    const { runs } = found
    const known = await readReceipts(read, runs)
    const unknown = runs.filter(({ workflowId }) => !known.has(workflowId))
    const rows = unknown.flatMap(({ workflowId, receipt }) =>
      receiptRows(workflowId, receipt, 'sweep'),
    )
    await appendAll({ warehouse, metrics }, 'batch_receipt', rows)
    const ended = runs.filter(({ isOpen }) => !isOpen)
    const audited = await readAudited(read, ended)
    const suspects = ended.flatMap((run) => judge(run, audited.get(run.workflowId)))
    const findings: Finding[] = []
    for (const one of suspects) {
      if (!(await isUnderWay(client, one.run.workflowId))) findings.push(one)
    }
    tell(findings, metrics)
    await tellUnaccounted(findings, until)
    return {
      until: found.until,
      isMoreLeft: found.isMoreLeft,
      postponed: suspects.slice(0, MAX_POSTPONED).map(({ run: { workflowId, runId } }) => ({
        workflowId,
        runId,
      })),
      checked: ended.length,
      written: unknown.length,
      disagreements: countsOf(findings),
      examples: findings
        .slice(0, MAX_EXAMPLES)
        .map(({ id, what, missing }) => ({ id, what, missing })),
    }
  }
}

function judge(run: ReceiptRun, audited: Audited | undefined): Finding[] {
  const { workflowId: id, receipt } = run
  if (audited?.isWhole || (audited && audited.digest === receipt.digest)) return []
  const missing = Math.max(0, messagesOf(receipt) - (audited?.messages ?? 0))
  const isFewer = missing > 0 || audited === undefined
  return [{ id, run, missing, what: isFewer ? 'not_audited' : 'other_audited' }]
}

function unlisted(error: unknown): never {
  throw temporalFailure('Temporal did not list the batches', error)
}

function countsOf(findings: readonly Finding[]): ReceiptCheck['disagreements'] {
  const count = (what: ReceiptDisagreement) => findings.filter((one) => one.what === what).length
  return { not_audited: count('not_audited'), other_audited: count('other_audited') }
}

function tell(findings: readonly Finding[], metrics: SweepMetrics): void {
  for (const [kind, count] of Object.entries(countsOf(findings)))
    metrics.receiptDisagreements.set(count, { kind })
  if (findings.length === 0) return
  log.error(
    'sweep: messages were acknowledged that the audit log does not have; see docs/errors.md',
    {
      ...countsOf(findings),
      missing: findings.reduce((total, { missing }) => total + missing, 0),
      examples: findings.slice(0, MAX_EXAMPLES).map(({ id }) => id),
    },
  )
}
