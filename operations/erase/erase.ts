// Starts the erasure of a person, unless it is under way or nothing of the person is left, and tells how far it is.

import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import {
  type Client,
  WorkflowExecutionAlreadyStartedError,
  WorkflowIdConflictPolicy,
  WorkflowIdReusePolicy,
  WorkflowNotFoundError,
} from '@temporalio/client'
import {
  ERASE_PROGRESS,
  type EraseProgress,
  type EraseRequest,
  type ErasureReceipt,
  eraseId,
  type Person,
  WORKFLOW,
} from '#contracts'
import { deadlineIn, wallClock } from '#runtime/clock'
import type { Reader } from '#warehouse/read'
import { readErasureReceipt } from '#warehouse/sql/erasure-receipts'
import { requireWorker } from '../dead-letters/require-worker.ts'
import { checkWho, type Who } from '../dead-letters/who.ts'
import { countPerson, isEmpty } from './count.ts'
import { checkPerson, subjectOf } from './subject.ts'

export type Erasing = {
  readonly client: Client
  readonly store: Reader
  readonly taskQueue: string
}

export type EraseStatus =
  | { readonly state: 'running'; readonly subject: string; readonly progress: EraseProgress | null }
  | { readonly state: 'done'; readonly subject: string; readonly receipt: ErasureReceipt }
  | { readonly state: 'failed'; readonly subject: string; readonly status: string }
  | { readonly state: 'never'; readonly subject: string }

export type StartedErasure = {
  readonly subject: string
  /** What this call did: it started the erasure, found it under way, or found nothing that is left. */
  readonly did: 'started' | 'joined' | 'nothing'
}

/**
 * Asked twice, it erases once: a second call joins the first, and a later one finds nothing that is left, and changes
 * nothing. What arrived since then is erased.
 * @throws OperationError `person_invalid`, `reason_names_person`, `actor_invalid`, `reason_invalid` or `worker_missing`
 * @throws BigQueryError, or ServiceError of Temporal's
 */
export async function startErasure(
  { client, store, taskQueue }: Erasing,
  given: Person,
  who: Who,
): Promise<StartedErasure> {
  const checked = checkWho(who)
  const person = checkPerson(given, checked.reason)
  const subject = subjectOf(person)
  if ((await statusName(client, subject)) === 'RUNNING') return { subject, did: 'joined' }
  const last = await readErasureReceipt(store, subject)
  if (last && isEmpty(await countPerson(store, client, person))) return { subject, did: 'nothing' }
  await requireWorker(client, taskQueue)
  const salt = randomBytes(16).toString('hex')
  const request = { ...person, ...checked, salt, requestedAt: wallClock().toISOString() }
  return { subject, did: await start(client, taskQueue, subject, request) }
}

type Erase = (
  subject: string,
  request: EraseRequest | null,
  receipt?: ErasureReceipt,
) => Promise<ErasureReceipt>

async function start(
  client: Client,
  taskQueue: string,
  subject: string,
  request: EraseRequest,
): Promise<'started' | 'joined'> {
  try {
    await client.workflow.start<Erase>(WORKFLOW.eraseCustomer, {
      workflowId: eraseId(subject),
      taskQueue,
      args: [subject, request],
      workflowIdReusePolicy: WorkflowIdReusePolicy.ALLOW_DUPLICATE,
      workflowIdConflictPolicy: WorkflowIdConflictPolicy.FAIL,
      staticSummary: 'Erasure of a person',
    })
    return 'started'
  } catch (error) {
    if (error instanceof WorkflowExecutionAlreadyStartedError) return 'joined'
    throw error
  }
}

/** Null where Temporal has no run. */
async function statusName(client: Client, subject: string): Promise<string | null> {
  try {
    return (await client.workflow.getHandle(eraseId(subject)).describe()).status.name
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return null
    throw error
  }
}

/** Read-only. @throws BigQueryError, or ServiceError of Temporal's */
export async function readEraseStatus(
  { client, store }: Pick<Erasing, 'client' | 'store'>,
  given: Person,
): Promise<EraseStatus> {
  const subject = subjectOf(checkPerson(given, ''))
  const status = await statusName(client, subject)
  if (status === 'RUNNING')
    return { state: 'running', subject, progress: await readProgress(client, subject) }
  const receipt = await readErasureReceipt(store, subject)
  if (status !== null && status !== 'COMPLETED') return { state: 'failed', subject, status }
  return receipt ? { state: 'done', subject, receipt } : { state: 'never', subject }
}

/** Null in the run that ends with the receipt, and where no worker answers in time. */
async function readProgress(client: Client, subject: string): Promise<EraseProgress | null> {
  const handle = client.workflow.getHandle(eraseId(subject))
  const asking = client.connection.withDeadline(deadlineIn(ANSWER_WITHIN_MS), () =>
    handle.query<EraseProgress>(ERASE_PROGRESS),
  )
  return asking.catch(() => null)
}

const ANSWER_WITHIN_MS = 3_000

/** How often a person is told. */
const LOOK_AGAIN_MS = 1_000

/**
 * Looks until the erasure is not running any more.
 * @param onLook called after each look at a running erasure
 * @throws BigQueryError, or ServiceError of Temporal's
 */
export async function followErasure(
  erasing: Pick<Erasing, 'client' | 'store'>,
  person: Person,
  onLook: (progress: EraseProgress | null) => void,
): Promise<EraseStatus> {
  for (;;) {
    const status = await readEraseStatus(erasing, person)
    if (status.state !== 'running') return status
    onLook(status.progress)
    await sleep(LOOK_AGAIN_MS)
  }
}
