// Checks that the sweep is scheduled as configured, is not paused, and has run lately.

import { type ScheduleDescription, ScheduleNotFoundError } from '@temporalio/client'
import { SWEEP_SCHEDULE } from '#contracts'
import { wallClockMs } from '#runtime/clock'
import type { CliConfig } from '#runtime/config'
import { error, type Finding, type Report, warning } from '../finding.ts'
import type { Site } from '../site.ts'

const WHERE = `schedule ${SWEEP_SCHEDULE}`
const MINUTE_MS = 60_000

/** Of the interval: one sweep may still run when the next is due, which is left out then. */
const LATE_AFTER_INTERVALS = 3

export async function checkSweepSchedule(site: Site): Promise<Report> {
  const client = await site.temporal()
  try {
    const schedule = await client.schedule.getHandle(SWEEP_SCHEDULE).describe()
    const last = lastStart(schedule)
    const seen = last ? `the last sweep began at ${last.toISOString()}` : 'no sweep is due yet'
    return { seen, findings: judgeSchedule(schedule, site.config, wallClockMs()) }
  } catch (failure) {
    if (!(failure instanceof ScheduleNotFoundError)) throw failure
    const what =
      'It does not exist: no one notices batches that ended early or messages that are missing.'
    return { seen: '', findings: [error(WHERE, what, 'Run `npm run setup`.')] }
  }
}

const lastStart = ({ info }: ScheduleDescription): Date | undefined =>
  info.recentActions.at(-1)?.takenAt

/** @param nowMs milliseconds since 1970. Pure. */
export function judgeSchedule(
  schedule: ScheduleDescription,
  config: Pick<CliConfig, 'SWEEP_INTERVAL_MINUTES' | 'TEMPORAL_TASK_QUEUE'>,
  nowMs: number,
): Finding[] {
  const { state, spec, action, info } = schedule
  if (state.paused)
    return [
      error(
        WHERE,
        `It is paused${state.note ? ` (${state.note})` : ''}: batches that end early are not found.`,
        `temporal schedule toggle --unpause --schedule-id ${SWEEP_SCHEDULE} --reason "…"`,
      ),
    ]
  const everyMs = spec.intervals?.[0]?.every ?? 0
  if (everyMs !== config.SWEEP_INTERVAL_MINUTES * MINUTE_MS)
    return [
      other(
        `It runs every ${everyMs / MINUTE_MS} minutes, and the configuration says ${config.SWEEP_INTERVAL_MINUTES}.`,
      ),
    ]
  if (action.taskQueue !== config.TEMPORAL_TASK_QUEUE)
    return [
      other(
        `It uses the task queue ${action.taskQueue}, and the configuration says ${config.TEMPORAL_TASK_QUEUE}.`,
      ),
    ]
  const last = lastStart(schedule) ?? info.createdAt
  const minutes = Math.round((nowMs - last.getTime()) / MINUTE_MS)
  return minutes * MINUTE_MS <= LATE_AFTER_INTERVALS * everyMs
    ? []
    : [
        error(
          WHERE,
          `No sweep has begun for ${minutes} minutes: the last one hangs, or Temporal does not start it.`,
          `Look at the workflow of type sweep that runs: temporal workflow list --query "WorkflowType='sweep'"`,
        ),
      ]
}

const other = (what: string) =>
  warning(WHERE, what, 'Run `npm run setup` with the configuration that should apply.')
