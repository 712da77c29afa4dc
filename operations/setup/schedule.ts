// Creates the Temporal Schedule of the sweep, and brings it up to date.

import {
  type Client,
  ScheduleAlreadyRunning,
  type ScheduleDescription,
  ScheduleNotFoundError,
  type ScheduleOptions,
  type ScheduleOptionsStartWorkflowAction,
  ScheduleOverlapPolicy,
} from '@temporalio/client'
import type { Workflow } from '@temporalio/common'
import { SWEEP_SCHEDULE, WORKFLOW } from '#contracts'
import type { Change } from './change.ts'

/** A sweep that hangs, for want of a key for instance, would keep all others from starting. */
const GIVE_UP_AFTER = '1 hour'

export type ScheduleSetup = {
  readonly taskQueue: string
  readonly everyMinutes: number
  /** How long ago something must have happened to be looked at. @default what the sweep says */
  readonly settledSeconds?: number
}

const MINUTE_MS = 60_000

/** A sweep begins where the last one ended: one that was missed is not made up for. */
const CATCH_UP_MS = MINUTE_MS

/**
 * Idempotent. A schedule that somebody has paused stays paused.
 * @throws ServiceError of Temporal's client
 */
export async function setUpSchedule(client: Client, setup: ScheduleSetup): Promise<Change> {
  const what = { kind: 'schedule', name: SWEEP_SCHEDULE } as const
  const handle = client.schedule.getHandle(SWEEP_SCHEDULE)
  const present = await handle.describe().catch(ignoreNotFound)
  if (!present) return { ...what, did: await create(client, setup) }
  if (isAsWanted(present, setup)) return { ...what, did: 'unchanged' }
  await handle.update(({ state }) => ({ ...definition(setup), state }))
  return { ...what, did: 'updated' }
}

async function create(client: Client, setup: ScheduleSetup): Promise<Change['did']> {
  try {
    await client.schedule.create({ scheduleId: SWEEP_SCHEDULE, ...definition(setup) })
    return 'created'
  } catch (error) {
    // Two set-ups at once: the second finds the work done.
    if (error instanceof ScheduleAlreadyRunning) return 'unchanged'
    throw error
  }
}

type Definition = Pick<
  ScheduleOptions<ScheduleOptionsStartWorkflowAction<Workflow>>,
  'spec' | 'action' | 'policies'
>

function definition({ taskQueue, everyMinutes, settledSeconds }: ScheduleSetup): Definition {
  return {
    spec: { intervals: [{ every: everyMinutes * MINUTE_MS }] },
    action: {
      type: 'startWorkflow',
      workflowType: WORKFLOW.sweep,
      workflowId: WORKFLOW.sweep,
      taskQueue,
      args: settledSeconds === undefined ? [] : [settledSeconds],
      workflowRunTimeout: GIVE_UP_AFTER,
    },
    policies: { overlap: ScheduleOverlapPolicy.SKIP, catchupWindow: CATCH_UP_MS },
  }
}

function isAsWanted({ spec, action }: ScheduleDescription, setup: ScheduleSetup): boolean {
  return (
    spec.intervals?.[0]?.every === setup.everyMinutes * MINUTE_MS &&
    action.workflowType === WORKFLOW.sweep &&
    action.taskQueue === setup.taskQueue
  )
}

function ignoreNotFound(error: unknown): null {
  if (error instanceof ScheduleNotFoundError) return null
  throw error
}
