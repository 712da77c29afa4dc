// One step of the sweep over the runs that ended without success: each is handled, or postponed to the next sweep.

import { log } from '@temporalio/activity'
import { type Client, WorkflowNotFoundError } from '@temporalio/client'
import pLimit from 'p-limit'
import type { DeadLetter, Ending, Progress, RunId, Swept } from '#contracts'
import { temporalFailure } from '../temporal-failure.ts'
import { findEnded } from './ended-runs.ts'

/** Is called with each dead letter as soon as it exists, so that it counts whatever fails afterwards. */
type Tell = (letter: DeadLetter) => void

/** A batch takes a megabyte, and several times that once it is parsed. */
const AT_ONCE = 4

/** The state for the next sweep stays small. Where more runs cannot be handled, an operator has to act, and the log says so. */
const MAX_POSTPONED = 1_000

export type Step = {
  readonly client: Client
  readonly types: readonly string[]
  readonly endings: readonly Ending[]
  /** Idempotent. Called only for the latest run of a workflow. */
  readonly handle: (run: RunId, status: string, tell: Tell) => Promise<void>
}

/**
 * Only the latest run of a workflow is handled. A run that cannot be handled does not stop the others.
 * @param until handle runs that ended before this
 * @throws ApplicationFailure `temporal_unavailable` or `temporal_setup` where Temporal does not list its runs
 */
export async function sweepRuns(step: Step, last: Progress, until: string): Promise<Swept> {
  const span = { from: last.until, until }
  const ended = await findEnded(step.client, step, span).catch((error: unknown) => {
    throw temporalFailure('Temporal did not list the runs that ended without success', error)
  })
  const postponed: RunId[] = []
  const sums = { letters: 0, events: 0 }
  const tell: Tell = ({ events }) => {
    sums.letters += 1
    sums.events += events.length
  }
  const handleOne = async (run: RunId): Promise<void> => {
    try {
      await handleLatest(step, run, tell)
    } catch (error) {
      log.warn('sweep: a run is left to the next sweep', { ...run, error })
      postponed.push(run)
    }
  }
  const limit = pLimit(AT_ONCE)
  const runs = [...last.postponed, ...ended.runs]
  await Promise.all(runs.map((run) => limit(handleOne, run)))
  if (postponed.length > MAX_POSTPONED)
    log.error('sweep: more runs cannot be handled than are tried again; see the warnings', {
      givenUp: postponed.slice(MAX_POSTPONED),
    })
  return {
    until: ended.until,
    isMoreLeft: ended.isMoreLeft,
    postponed: postponed.slice(0, MAX_POSTPONED),
    ...sums,
  }
}

async function handleLatest({ client, handle }: Step, run: RunId, tell: Tell): Promise<void> {
  try {
    const latest = await client.workflow.getHandle(run.workflowId).describe()
    if (latest.runId === run.runId) await handle(run, latest.status.name, tell)
  } catch (error) {
    // Deleted, or past its retention, since it was listed.
    if (!(error instanceof WorkflowNotFoundError)) throw error
  }
}
