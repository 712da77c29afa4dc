// Watches tables and workflows until everything published has come to its end.

import { setTimeout as sleep } from 'node:timers/promises'
import { DATASET, WORKFLOW } from '#contracts'
import type { Pipeline } from './pipeline.ts'

/** What has arrived where. */
export type Moved = {
  readonly audited: number
  readonly staged: number
  readonly openWorkflows: number
}

const POLL_MS = 400

/** Longer than a killed bridge's messages (45 s) and a killed worker's activities (20 s) take to come again. */
const STALLED_AFTER_MS = 180_000

/** Visibility lags by a moment: quiet counts when it is seen this often in a row. */
const QUIET_POLLS = 3

const MOVED = `SELECT
  (SELECT COUNT(DISTINCT message_id) FROM ${DATASET}.audit_log) AS audited,
  (SELECT COUNT(*) FROM ${DATASET}.staging_purchase)
    + (SELECT COUNT(*) FROM ${DATASET}.staging_cancellation) AS staged`

const OPEN = `WorkflowType IN ('${WORKFLOW.processBatch}', '${WORKFLOW.deadLetter}') AND ExecutionStatus = 'Running'`

/** Resolves when all of `published` is audited and no workflow is open, or when nothing has moved for minutes. */
export async function waitUntilQuiet(
  pipeline: Pipeline,
  published: number,
  onMoved: (moved: Moved) => void,
): Promise<void> {
  let last = ''
  let changedAt = Date.now()
  for (let quiet = 0; quiet < QUIET_POLLS; await sleep(POLL_MS)) {
    const moved = await readMoved(pipeline)
    onMoved(moved)
    const state = JSON.stringify(moved)
    if (state !== last) changedAt = Date.now()
    last = state
    if (Date.now() - changedAt > STALLED_AFTER_MS) return
    quiet = moved.audited >= published && moved.openWorkflows === 0 ? quiet + 1 : 0
  }
}

async function readMoved({ bigquery, temporal }: Pipeline): Promise<Moved> {
  const [[rows], open] = await Promise.all([bigquery.query(MOVED), temporal.workflow.count(OPEN)])
  const [row]: Record<string, unknown>[] = rows
  return {
    audited: Number(row?.['audited'] ?? 0),
    staged: Number(row?.['staged'] ?? 0),
    openWorkflows: open.count,
  }
}
