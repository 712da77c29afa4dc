// The runs that may hold the events of a person: those of the batches that carried them, and of the dead letters that held them.

import type { Client } from '@temporalio/client'
import { type PersonTraces, WORKFLOW } from '#contracts'
import { type ListedRun, listRuns, quoted } from './workflow-runs.ts'

/** A query of Temporal's has a limited length. */
const IDS_A_QUERY = 10

type Of = Pick<PersonTraces, 'batches' | 'letters'>

export type PersonRuns = {
  readonly ofBatches: readonly ListedRun[]
  readonly ofLetters: readonly ListedRun[]
}

/** Open and closed runs, as Temporal lists them. @throws ServiceError where Temporal does not answer */
export async function runsOfPerson(client: Client, { batches, letters }: Of): Promise<PersonRuns> {
  const roots = [...new Set(batches.map(rootOf))]
  return {
    ofBatches: await listEach(client, roots.map(ofBatch)),
    ofLetters: await listEach(
      client,
      letters.map((id) => `WorkflowId = ${quoted(id)}`),
    ),
  }
}

/** Dead letters of these batches that are being opened or resolved, whether a table knows them or not. */
export function openLettersOf(client: Client, batches: readonly string[]): Promise<ListedRun[]> {
  const conditions = batches.map(
    (id) =>
      `(WorkflowType = '${WORKFLOW.deadLetter}' AND ExecutionStatus = 'Running' AND BatchId = ${quoted(id)})`,
  )
  return listEach(client, conditions)
}

/** A batch that was split has children, whose ids have a slash behind its own. */
const rootOf = (batchId: string) => /^[^/]+/.exec(batchId)?.[0] ?? batchId

const ofBatch = (id: string) =>
  `(WorkflowId = ${quoted(id)} OR WorkflowId STARTS_WITH ${quoted(`${id}/`)} OR (BatchId = ${quoted(id)} AND WorkflowType != '${WORKFLOW.deadLetter}'))`

async function listEach(client: Client, conditions: readonly string[]): Promise<ListedRun[]> {
  const runs = new Map<string, ListedRun>()
  for (let at = 0; at < conditions.length; at += IDS_A_QUERY) {
    const query = conditions.slice(at, at + IDS_A_QUERY).join(' OR ')
    for (const run of await listRuns(client, query)) runs.set(run.runId, run)
  }
  return [...runs.values()]
}
