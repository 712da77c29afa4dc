// Counts the dead letters that wait for a person, by stage, for the metric `dead_letters_open`.

import type { Client } from '@temporalio/client'
import { ENDED_WITHOUT_SUCCESS, STAGES, type Stage, WORKFLOW } from '#contracts'
import { deadlineIn } from '#runtime/clock'
import type { Logger } from '#runtime/log'
import type { BridgeMetrics } from '#runtime/metrics/groups'
import { abortableSleep } from './abortable-sleep.ts'

/** A person reacts within minutes, and each count is a request to Temporal. */
const INTERVAL_MS = 15_000

const DEADLINE_MS = 5_000

/** A dead letter is a failed workflow; its runs are deleted when it is closed. */
const openAt = (stage: Stage) =>
  `WorkflowType = '${WORKFLOW.deadLetter}' AND ${ENDED_WITHOUT_SUCCESS} AND Stage = '${stage}'`

/** Runs until `signal` aborts. A count that fails is logged, and the metric keeps its value. */
export async function watchDeadLetters(
  client: Client,
  { deadLettersOpen }: Pick<BridgeMetrics, 'deadLettersOpen'>,
  log: Logger,
  signal: AbortSignal,
): Promise<void> {
  const count = async () => {
    for (const stage of STAGES) {
      if (signal.aborted) return
      const counted = await client.withDeadline(deadlineIn(DEADLINE_MS), () =>
        client.workflow.count(openAt(stage)),
      )
      deadLettersOpen.set(counted.count, { stage })
    }
  }
  while (!signal.aborted) {
    await count().catch((err: unknown) => log.warn({ err }, 'cannot count open dead letters'))
    await abortableSleep(INTERVAL_MS, signal)
  }
}
