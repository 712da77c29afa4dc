// Closes the events of a person in dead letters that are open, so that no redrive sends them again.

import {
  type Client,
  WorkflowExecutionAlreadyStartedError,
  WorkflowFailedError,
  WorkflowIdConflictPolicy,
  WorkflowIdReusePolicy,
  WorkflowNotFoundError,
} from '@temporalio/client'
import {
  type ClosedLetters,
  describeDeadLetter,
  type EraseRequest,
  type PersonTraces,
  WORKFLOW,
} from '#contracts'
import { deadLetterAttributes } from '#contracts/dead-letter/search-attributes'
import { groupBy } from '#runtime/group-by'
import type { Reader } from '#warehouse/read'
import { readStandings } from '#warehouse/sql/dead-letter-standings'
import { openLetterEvents } from '#warehouse/sql/open-letter-events'
import { temporalFailure } from '../temporal-failure.ts'
import { type Closing, discardOf, letterOf } from './open-letter.ts'

type Dependencies = {
  readonly client: Client
  readonly read: Reader
  readonly taskQueue: string
}

/** Memo fields of a run: the number of the action, as redrives write it, and that the run holds nothing of the person. */
const ATTEMPT = 'attempt'
const ERASED_OF = 'erasedOf'

/** After what comes in now: Temporal's default is 3. */
const PRIORITY = { priorityKey: 4 }

type Discard = Pick<EraseRequest, 'actor' | 'reason' | 'requestedAt'> & {
  /** Stands for the person. */
  readonly subject: string
}

/**
 * Each dead letter with open events gets a new run, whose input has no event: where all of its open events are the person's it
 * completes, and else it fails as before with the events of others. Idempotent.
 * @throws ApplicationFailure of the registry
 */
export function createCloseLetters({ client, read, taskQueue }: Dependencies) {
  return async function closePersonLetters(
    discard: Discard,
    { letters, keys, messageIds }: PersonTraces,
  ): Promise<ClosedLetters> {
    const own = new Set(keys)
    const open = letters.length > 0 ? await read(openLetterEvents(letters)) : []
    const closed = { letters: 0, events: 0, running: 0 }
    for (const [id, events] of groupBy(open, ({ dead_letter_id }) => dead_letter_id)) {
      const byOwner = groupBy(events, ({ key }) => own.has(key))
      const closing = { id, own: byOwner.get(true) ?? [], others: byOwner.get(false) ?? [] }
      const outcome = await close(closing, discard, messageIds).catch((error: unknown) => {
        throw temporalFailure('Temporal did not close the events of a person', error)
      })
      if (outcome === 'closed') {
        closed.letters += 1
        closed.events += closing.own.length
      }
      if (outcome === 'running') closed.running += 1
    }
    return closed
  }

  async function close(
    closing: Closing,
    discard: Discard,
    messageIds: readonly string[],
  ): Promise<'closed' | 'running' | 'closed before'> {
    const last = await lastRun(client, closing.id)
    if (last?.isRunning) return 'running'
    if (closing.own.length === 0 && last?.erasedOf === discard.subject) return 'closed before'
    const [standing] = await readStandings(read, [closing.id])
    const attempts = Math.max(standing?.attempts ?? 0, last?.attempt ?? 0)
    const previousRunId = last?.runId ?? null
    const resolution = discardOf(closing, discard, { attempts, previousRunId, messageIds })
    const letter = letterOf(closing)
    try {
      const handle = await client.workflow.start(WORKFLOW.deadLetter, {
        workflowId: closing.id,
        taskQueue,
        args: [{ ...letter, events: [] }, resolution],
        workflowIdReusePolicy: WorkflowIdReusePolicy.ALLOW_DUPLICATE,
        workflowIdConflictPolicy: WorkflowIdConflictPolicy.FAIL,
        typedSearchAttributes: deadLetterAttributes(letter),
        staticDetails: describeDeadLetter(letter, closing.id).details,
        memo: { [ATTEMPT]: resolution.attempt, [ERASED_OF]: discard.subject },
        priority: PRIORITY,
      })
      await handle.result().catch(ignoreLeftOpen)
      return 'closed'
    } catch (error) {
      if (error instanceof WorkflowExecutionAlreadyStartedError) return 'running'
      throw error
    }
  }
}

/** It fails by design where events of others stay open. */
function ignoreLeftOpen(error: unknown): void {
  if (!(error instanceof WorkflowFailedError)) throw error
}

async function lastRun(client: Client, id: string) {
  try {
    const { runId, memo, status } = await client.workflow.getHandle(id).describe()
    const attempt = Number(memo?.[ATTEMPT] ?? 0)
    return { runId, attempt, isRunning: status.name === 'RUNNING', erasedOf: memo?.[ERASED_OF] }
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return null
    throw error
  }
}
