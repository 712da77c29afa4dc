// Compares the dead letters that are open in Temporal with those that are open in the table, and reports where they disagree.

import { log } from '@temporalio/activity'
import { type Client, WorkflowNotFoundError } from '@temporalio/client'
import pLimit from 'p-limit'
import {
  type Comparison,
  DISAGREEMENTS,
  type Disagreement,
  ENDED_WITHOUT_SUCCESS,
  WORKFLOW,
} from '#contracts'
import { wallClockMs } from '#runtime/clock'
import type { SweepMetrics } from '#runtime/metrics/groups'
import type { Reader } from '#warehouse/read'
import { knownLetters } from '#warehouse/sql/known-letters'
import { openLetters } from '#warehouse/sql/open-letters'
import { temporalFailure } from '../temporal-failure.ts'

/** How many ids are held in memory; the others are counted as unchecked. */
const MAX_OPEN = 50_000

/** Requests to Temporal, one for each dead letter that only one side has. */
const MAX_CHECKED = 500

const AT_ONCE = 4
const MAX_EXAMPLES = 20

type Finding = {
  readonly id: string
  readonly what: Disagreement | 'agreed' | 'forgotten' | 'fine'
}

/**
 * Read-only. Dead letters that are being resolved, or were opened after `until`, are not compared.
 * @param until the end of the span that is compared: both Temporal and BigQuery are up to date before it
 * @throws ApplicationFailure of the registry where BigQuery or Temporal does not answer
 */
export function createCompareDeadLetters(client: Client, read: Reader, metrics: SweepMetrics) {
  return async function compareDeadLetters(until: string): Promise<Comparison> {
    const table = await read(openLetters({ until: new Date(until) }, MAX_OPEN + 1))
    const byTable = new Map(table.map(({ id, since }) => [id, Date.parse(since)]))
    const byTemporal = await openByTemporal(client, until).catch(unlisted)
    const tableOnly = [...byTable.keys()].filter((id) => !byTemporal.has(id))
    const temporalOnly = [...byTemporal].filter((id) => !byTable.has(id))
    const inTable = tableOnly.slice(0, MAX_CHECKED)
    const inTemporal = temporalOnly.slice(0, MAX_CHECKED)

    const kept = Date.parse(until) - (await retentionOf(client).catch(unlisted))
    const known = await knownByTable(read, inTemporal)
    const limit = pLimit(AT_ONCE)
    const status = (id: string) => limit(statusOf, client, id, until)
    const findings = await Promise.all([
      ...inTable.map(async (id) =>
        judgeOpenInTable(id, await status(id), (byTable.get(id) ?? 0) < kept),
      ),
      ...inTemporal.map(async (id) => judgeOpenInTemporal(id, await status(id), known.has(id))),
    ])
    const inBoth = byTable.size - tableOnly.length
    const comparison = summed(
      findings,
      inBoth,
      tableOnly.length + temporalOnly.length - findings.length,
    )
    tell(comparison, metrics)
    return comparison
  }
}

/** The list has earlier runs of a dead letter as well; the later check of each dead letter leaves them out. */
async function openByTemporal(client: Client, until: string): Promise<Set<string>> {
  const query = `WorkflowType = '${WORKFLOW.deadLetter}' AND ${ENDED_WITHOUT_SUCCESS} AND CloseTime < '${until}'`
  const ids = new Set<string>()
  for await (const { workflowId } of client.workflow.list({ query })) {
    ids.add(workflowId)
    if (ids.size > MAX_OPEN) break
  }
  return ids
}

function judgeOpenInTable(id: string, status: Status, isPastRetention: boolean): Finding {
  if (status === 'open') return { id, what: 'agreed' }
  if (status === 'moving') return { id, what: 'fine' }
  if (status === 'completed') return { id, what: 'closed_in_temporal' }
  return { id, what: isPastRetention ? 'forgotten' : 'gone_from_temporal' }
}

function judgeOpenInTemporal(id: string, status: Status, isKnown: boolean): Finding {
  if (status !== 'open') return { id, what: 'fine' }
  return { id, what: isKnown ? 'closed_in_table' : 'not_recorded' }
}

type Status = 'open' | 'completed' | 'moving' | 'absent'

/** The status of the latest run. A run that closed after `until` is `moving`: the table may or may not have it yet. */
async function statusOf(client: Client, id: string, until: string): Promise<Status> {
  try {
    const { closeTime, status } = await client.workflow.getHandle(id).describe()
    if (!closeTime || closeTime >= new Date(until)) return 'moving'
    return status.name === 'COMPLETED' ? 'completed' : 'open'
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return 'absent'
    throw unlisted(error)
  }
}

async function knownByTable(read: Reader, ids: readonly string[]): Promise<Set<string>> {
  if (ids.length === 0) return new Set()
  const rows = await read(knownLetters({ ids }))
  return new Set(rows.map(({ id }) => id))
}

/** How long Temporal keeps closed workflows, in milliseconds. */
async function retentionOf(client: Client): Promise<number> {
  const { namespace } = client.options
  const { config } = await client.workflowService.describeNamespace({ namespace })
  return Number(config?.workflowExecutionRetentionTtl?.seconds ?? 0) * 1000
}

function unlisted(error: unknown): never {
  throw temporalFailure('Temporal did not say which dead letters are open', error)
}

function summed(findings: readonly Finding[], inBoth: number, unchecked: number): Comparison {
  const count = (what: Finding['what']) => findings.filter((one) => one.what === what).length
  const examples = findings.flatMap(({ id, what }) => (isDisagreement(what) ? [{ id, what }] : []))
  return {
    agreed: inBoth + count('agreed'),
    forgotten: count('forgotten'),
    disagreements: {
      not_recorded: count('not_recorded'),
      closed_in_table: count('closed_in_table'),
      closed_in_temporal: count('closed_in_temporal'),
      gone_from_temporal: count('gone_from_temporal'),
    },
    examples: examples.slice(0, MAX_EXAMPLES),
    unchecked,
  }
}

const isDisagreement = (what: Finding['what']): what is Disagreement => what in DISAGREEMENTS

function tell({ disagreements, examples, unchecked }: Comparison, metrics: SweepMetrics): void {
  for (const [kind, count] of Object.entries(disagreements))
    metrics.disagreements.set(count, { kind })
  metrics.lastSweep.set(wallClockMs() / 1000, { check: 'dead_letters' })
  if (examples.length > 0)
    log.warn('sweep: Temporal and streaming.open_dead_letter disagree; see docs/errors.md', {
      ...disagreements,
      examples,
    })
  if (unchecked > 0) log.warn('sweep: too many dead letters differ to look at each', { unchecked })
}
