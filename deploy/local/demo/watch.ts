// Watches tables and workflows until everything published has come to its end.

import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import { DATASET, WORKFLOW } from '#contracts'
import { monotonicMs } from '#runtime/clock'
import { createReader } from '#warehouse/read'
import { count } from '#warehouse/sql/columns'
import type { Pipeline } from './pipeline.ts'

/** What has arrived where. */
export type Moved = {
  /** Messages of the topic of events. */
  readonly audited: number
  /** Messages a redrive has sent round by the retry topic, that are not audited yet. */
  readonly goingRound: number
  readonly staged: number
  readonly openWorkflows: number
}

const POLL_MS = 400

/** Longer than a killed bridge's messages (45 s) and a killed worker's activities (20 s) take to come again. */
const STALLED_AFTER_MS = 180_000

/** Visibility lags by a moment: quiet counts when it is seen this often in a row. */
const QUIET_POLLS = 3

/** It came by the retry topic. */
const IS_RETRY = "(JSON_VALUE(attributes, '$.redrive_of') IS NOT NULL)"

const MOVED = {
  sql: `SELECT
  (SELECT COUNT(DISTINCT message_id) FROM ${DATASET}.audit_log WHERE NOT ${IS_RETRY}) AS audited,
  (SELECT COALESCE(SUM(events), 0) FROM (
    SELECT DISTINCT run_id, events FROM ${DATASET}.dead_letter_log WHERE action = 'republish')) AS republished,
  (SELECT COUNT(DISTINCT message_id) FROM ${DATASET}.audit_log WHERE ${IS_RETRY}) AS retried,
  (SELECT COUNT(*) FROM ${DATASET}.staging_purchase)
    + (SELECT COUNT(*) FROM ${DATASET}.staging_cancellation) AS staged`,
  params: {},
  row: z.object({ audited: count, republished: count, retried: count, staged: count }),
}

const OPEN = `WorkflowType IN ('${WORKFLOW.processBatch}', '${WORKFLOW.deadLetter}') AND ExecutionStatus = 'Running'`

/**
 * Resolves when all of `published`, and what goes round by the retry topic, is audited and no workflow is open.
 * @returns false where nothing has moved for minutes before that
 */
export async function waitUntilQuiet(
  pipeline: Pipeline,
  published: number,
  onMoved: (moved: Moved) => void,
): Promise<boolean> {
  let last = ''
  let changedAt = monotonicMs()
  for (let quiet = 0; quiet < QUIET_POLLS; await sleep(POLL_MS)) {
    const moved = await readMoved(pipeline)
    onMoved(moved)
    const state = JSON.stringify(moved)
    if (state !== last) changedAt = monotonicMs()
    last = state
    if (monotonicMs() - changedAt > STALLED_AFTER_MS) return false
    const isQuiet = moved.audited >= published && moved.goingRound <= 0 && moved.openWorkflows === 0
    quiet = isQuiet ? quiet + 1 : 0
  }
  return true
}

async function readMoved({ bigquery, temporal }: Pipeline): Promise<Moved> {
  const [[row], open] = await Promise.all([
    createReader(bigquery)(MOVED),
    temporal.workflow.count(OPEN),
  ])
  return {
    audited: row?.audited ?? 0,
    goingRound: (row?.republished ?? 0) - (row?.retried ?? 0),
    staged: row?.staged ?? 0,
    openWorkflows: open.count,
  }
}
