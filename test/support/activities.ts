// Runs one activity as a worker would, without a server.

import { randomUUID } from 'node:crypto'
import type { Info } from '@temporalio/activity'
import { noopMetricMeter } from '@temporalio/common'
import { MockActivityEnvironment } from '@temporalio/testing'
import { DefaultLogger } from '@temporalio/worker'
import type { Message } from '#contracts'
import { encodeBatch } from '#contracts/batch-payload'
import { activityMetrics } from '#runtime/metrics'
import { NO_PARTNERS } from '#runtime/partners/registry'

export const metrics = activityMetrics(noopMetricMeter)

/** What calls are made from where no partner is known. */
export const RULES = { namespace: 'test', partners: NO_PARTNERS }

/** Failed attempts are what many tests are about. */
const quiet = new DefaultLogger('ERROR')

export const batchOf = (...messages: readonly Message[]): Uint8Array => encodeBatch(messages)

/** One attempt of `activity`, in a run of its own; `info` says what Temporal would tell it of itself. */
export function attempt<Args extends unknown[], Result>(
  activity: (...args: Args) => Promise<Result>,
  args: Args,
  info: Partial<Info> = {},
): Promise<Result> {
  const workflowExecution = { workflowId: 'batch', runId: randomUUID() }
  return new MockActivityEnvironment({ workflowExecution, ...info }, { logger: quiet }).run<
    Args,
    Result,
    typeof activity
  >(activity, ...args)
}
