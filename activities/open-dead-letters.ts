// Starts the deadLetter workflows for the failed events of a batch: a few at once, and at a lower priority than live traffic.

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
import type { ActivityMetrics } from '#runtime/metrics/groups'
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
  /** True where a worker could not finish processing these events: their messages are recorded without being parsed. */
  readonly isUnread?: boolean
}

/** Starts at once in one process. A start takes milliseconds, and four leave enough of the connection to the batches. */
const STARTS_AT_ONCE = 4

/**
 * Temporal's default is 3, and lower numbers are dispatched first: dead letters have a lower priority than live traffic, and
 * the same as the batches of a noisy partner and redrives. At 5 they would wait until a noisy partner stops sending.
 */
const PRIORITY_KEY = 4

/**
 * How many dead letters a worker opens each second: half of what a development server on two shared cores opens when it does
 * nothing else. Two seconds' worth may be opened at once. No batch waits longer than half a minute, so that partners that
 * keep sending invalid events do not build up a queue of open batches, whose number would stop the bridge.
 */
const PACE = { perSecond: 20, burst: 40, maxWaitSeconds: 30 }

/**
 * Idempotent: the ids derive from batch, partners and stage, and a dead letter that was ever opened is not opened again.
 * Opens as many as it can before it fails. As a local activity, it fails with the seconds to wait where others are opened
 * first, so that it does not block the workflow task.
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

/** The workflow sleeps for the seconds of the failure, and then runs the ordinary activity, which does not wait again. */
function waitForTurn(seconds: number): void {
  if (seconds === 0) return
  const message = `Many dead letters are being opened: these wait for ${seconds.toFixed(1)} s`
  throw failure('dead_letters_paced', message, { retryAfterSeconds: seconds, message })
}

/** Stands for the partners in the id of a shared dead letter. */
const SEVERAL = 'several'

/** The words of which the id of a dead letter is made. Shared dead letters of different partners have different ids. */
export function wordsOf(letter: DeadLetter) {
  const partners = new Set(letter.events.map((event) => partnerOf(letter, event)))
  return {
    ...letter,
    partnerId: isShared(letter) ? SEVERAL : letter.partnerId,
    digest: partnerDigest([...partners].toSorted()),
  }
}

/**
 * Opens one dead letter, unless a dead letter of that id exists or existed. No more than a few are opened at the same time.
 * @returns false where a dead letter of that id exists or existed
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
        // Where the server supports fairness, a partner with many dead letters does not delay those of others.
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
