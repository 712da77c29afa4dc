// Starts the deadLetter workflows for the events of a batch that cannot go on: a few at once, and behind live traffic.

import { activityInfo } from '@temporalio/activity'
import {
  type Client,
  WorkflowExecutionAlreadyStartedError,
  WorkflowIdConflictPolicy,
  WorkflowIdReusePolicy,
} from '@temporalio/client'
import pLimit from 'p-limit'
import {
  type DeadLetter,
  deadLetterId,
  describeDeadLetter,
  type EventFailure,
  isShared,
  partnerDigest,
  partnerOf,
  type Stage,
  WORKFLOW,
} from '#contracts'
import { deadLetterAttributes } from '#contracts/dead-letter/search-attributes'
import type { ActivityMetrics } from '#runtime/metrics'
import { failure } from '#runtime/service-error'
import { buildDeadLetters } from './build-dead-letters.ts'
import { createPace } from './pace.ts'
import type { BatchReader } from './read-batch.ts'
import { temporalFailure } from './temporal-failure.ts'

export type Undeliverable = {
  readonly batchId: string
  readonly stage: Stage
  /** The failed events. Histories hold the name of this field. */
  readonly casualties: readonly EventFailure[]
  /** True where a worker could not finish with these events: their messages are kept without being read. */
  readonly isUnread?: boolean
}

/** Of one process. A start takes milliseconds, and four at once leave the connection to the batches. */
const STARTS_AT_ONCE = 4

/**
 * Temporal's default is 3, and lower numbers go first: dead letters wait behind the batches of live traffic, with
 * those of a partner that floods and with redrives. A lower one still would leave them to the end of any flood.
 */
const PRIORITY_KEY = 4

/**
 * Dead letters a worker opens each second: half of what a development server on two shared cores opens when it does
 * nothing else. Two seconds' worth goes at once. No batch waits for its turn longer than half a minute, so that
 * a flood that lasts leaves no queue of open batches behind, whose number stops the bridge.
 */
const PACE = { perSecond: 20, burst: 40, maxWaitSeconds: 30 }

/**
 * Idempotent: the ids derive from batch, partners and stage, and a dead letter that was ever opened is not opened again.
 * Opens all it can before it fails.
 * A local attempt that is early fails with the seconds to wait, so that nothing is held meanwhile.
 * @throws ApplicationFailure `temporal_unavailable`, `temporal_setup` or `dead_letters_paced`
 */
export function createOpenDeadLetters(
  reader: BatchReader,
  client: Client,
  taskQueue: string,
  metrics: ActivityMetrics,
) {
  const open = createOpener(client, taskQueue, metrics)
  const pace = createPace(PACE)
  return async function openDeadLetters(
    batch: Uint8Array,
    { casualties: failedEvents, ...of }: Undeliverable,
  ): Promise<void> {
    const letters = buildDeadLetters(reader.read(batch), failedEvents, of)
    if (activityInfo().isLocal) waitForTurn(pace.take(letters.length))
    const starts = letters.map((letter) => open(deadLetterId(wordsOf(letter)), letter))
    const opened = await Promise.allSettled(starts)
    const refused = opened.find((result) => result.status === 'rejected')
    if (refused) throw refused.reason
  }
}

/** The workflow waits, and then comes back with an ordinary activity, which has had its turn. */
function waitForTurn(seconds: number): void {
  if (seconds === 0) return
  const message = `Many dead letters are being opened: these wait for ${seconds.toFixed(1)} s`
  throw failure('dead_letters_paced', message, { retryAfterSeconds: seconds, message })
}

/** The name that stands for the partners of a shared dead letter in its id. */
const SEVERAL = 'several'

/** What the id of a dead letter is made of. A shared one that holds other partners' events has another id. */
export function wordsOf(letter: DeadLetter) {
  const partners = new Set(letter.events.map((event) => partnerOf(letter, event)))
  return {
    ...letter,
    partnerId: isShared(letter) ? SEVERAL : letter.partnerId,
    digest: partnerDigest([...partners].toSorted()),
  }
}

/**
 * Opens one dead letter under an id that was never used before; no more than a few at the same time.
 * @returns false where a dead letter has that id, whatever became of it
 */
export function createOpener(client: Client, taskQueue: string, metrics: ActivityMetrics) {
  const limit = pLimit(STARTS_AT_ONCE)
  return async function open(workflowId: string, letter: DeadLetter): Promise<boolean> {
    const { summary, details } = describeDeadLetter(letter, workflowId)
    const start = () =>
      client.workflow.start(WORKFLOW.deadLetter, {
        workflowId,
        taskQueue,
        args: [letter],
        workflowIdReusePolicy: WorkflowIdReusePolicy.REJECT_DUPLICATE,
        workflowIdConflictPolicy: WorkflowIdConflictPolicy.FAIL,
        typedSearchAttributes: deadLetterAttributes(letter),
        staticSummary: summary,
        staticDetails: details,
        // Where the server knows fairness, a partner with many dead letters does not delay those of others.
        priority: { priorityKey: PRIORITY_KEY, fairnessKey: partnerDigest([letter.partnerId]) },
      })
    return limit(start).then(() => {
      metrics.deadLettersOpened.add(1, { stage: letter.stage })
      return true
    }, ignoreAlreadyOpened)
  }
}

function ignoreAlreadyOpened(error: unknown): false {
  if (error instanceof WorkflowExecutionAlreadyStartedError) return false
  throw temporalFailure('Temporal did not take a dead letter', error)
}
