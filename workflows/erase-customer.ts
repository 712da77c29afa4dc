// Erases a person: finds everything of it, waits for what may still write, erases, deletes histories, asks Segment, and ends with a
// receipt that says nothing about the person.

import {
  ActivityFailure,
  continueAsNew,
  defineQuery,
  setHandler,
  sleep,
  workflowInfo,
} from '@temporalio/workflow'
import {
  addRows,
  ERASE_PROGRESS,
  type EraseProgress,
  type EraseRequest,
  type ErasureReceipt,
  NO_ROWS,
  NO_RUNS,
  type PersonTraces,
  type SegmentDeletion,
  sumOf,
  type Wait,
} from '#contracts/erasure'
import { proxies } from './proxies.ts'

/** BigQuery holds rows in its streaming buffer for half an hour or more. Each pause is twice as long as the one before. */
const FIRST_PAUSE_SECONDS = 5
const LONGEST_PAUSE_SECONDS = 300

/** What has been done so far, as the receipt tells it. */
type Done = Pick<ErasureReceipt, 'passes' | 'rows' | 'letters' | 'events' | 'runs' | 'unattributed'>

const NOTHING: Done = {
  passes: 0,
  rows: NO_ROWS,
  letters: 0,
  events: 0,
  runs: NO_RUNS,
  unattributed: 0,
}

/**
 * The run that erases has the customer id in its input, so that it ends by a new run with nothing but the receipt, which deletes it.
 * @param subject stands for the person
 * @param request null in the run that ends with the receipt
 */
export async function eraseCustomer(
  subject: string,
  request: EraseRequest | null,
  receipt?: ErasureReceipt,
): Promise<ErasureReceipt> {
  const { workflowId, continuedFromExecutionRunId = null } = workflowInfo()
  if (receipt) {
    await proxies.forgetFailedRuns(workflowId, continuedFromExecutionRunId)
    return receipt
  }
  if (!request) throw new TypeError('an erasure has a request or a receipt')
  const written = await erase(subject, request)
  return continueAsNew<typeof eraseCustomer>(subject, null, written)
}

async function erase(subject: string, request: EraseRequest): Promise<ErasureReceipt> {
  const { requestedAt, actor, reason } = request
  const person = { partnerId: request.partnerId, customerId: request.customerId }
  let progress: EraseProgress = {
    step: 'finding',
    requestedAt,
    passes: 0,
    rows: NO_ROWS,
    waitsFor: [],
    nextLookAt: null,
  }
  const tell = (change: Partial<EraseProgress>) => {
    progress = { ...progress, waitsFor: [], nextLookAt: null, ...change }
  }
  setHandler(defineQuery<EraseProgress>(ERASE_PROGRESS), () => progress)

  const wait = createWait(tell)
  let done = NOTHING
  for (;;) {
    tell({ step: 'finding', passes: done.passes, rows: done.rows })
    const traces = await proxies.findPersonRows(person)
    done = { ...done, unattributed: traces.unattributed }
    const closed = await proxies.closePersonLetters({ subject, actor, reason, requestedAt }, traces)
    done = {
      ...done,
      letters: done.letters + closed.letters,
      events: done.events + closed.events,
    }
    const waits = await proxies.findPersonWaits(requestedAt, traces)
    if (waits.length > 0) await wait(waits)
    else if (sumOf(traces.rows) === 0) break
    else done = await erasePass(request, traces, done, { tell, wait })
  }
  tell({ step: 'asking Segment' })
  const segment = await askSegment(person, done)
  tell({ step: 'writing the receipt' })
  const finishedAt = new Date().toISOString()
  const written = { subject, actor, reason, requestedAt, finishedAt, ...done, segment }
  await proxies.writeErasureReceipt(written)
  return written
}

type Steps = {
  readonly tell: (change: Partial<EraseProgress>) => void
  readonly wait: (waits: readonly Wait[]) => Promise<void>
}

/** Erases the rows, table by table as BigQuery lets it, and then the runs. */
async function erasePass(
  request: EraseRequest,
  traces: PersonTraces,
  before: Done,
  { tell, wait }: Steps,
): Promise<Done> {
  const person = { partnerId: request.partnerId, customerId: request.customerId }
  let done = { ...before, passes: before.passes + 1 }
  for (;;) {
    tell({ step: 'erasing', passes: done.passes, rows: done.rows })
    const { rows, buffered } = await proxies.erasePersonRows(person, traces, request.salt)
    done = { ...done, rows: addRows(done.rows, rows) }
    tell({ rows: done.rows })
    if (buffered.length === 0) break
    await wait([{ code: 'streaming_buffer', count: buffered.length }])
  }
  for (;;) {
    const runs = await proxies.forgetPersonRuns(traces)
    done = { ...done, runs: addRuns(done.runs, runs) }
    if (runs.notSwept === 0) return done
    await wait([{ code: 'not_swept', count: runs.notSwept }])
  }
}

/** What is left is as the last look found it. */
const addRuns = (one: Done['runs'], other: Done['runs']): Done['runs'] => ({
  deleted: one.deleted + other.deleted,
  encrypted: one.encrypted + other.encrypted,
  keptUntil: other.keptUntil ?? one.keptUntil,
  notSwept: other.notSwept,
})

/** Durable timers that grow, and that show what they wait for. */
function createWait(tell: Steps['tell']): Steps['wait'] {
  let pause = FIRST_PAUSE_SECONDS
  return async (waits) => {
    const nextLookAt = new Date(Date.now() + pause * 1000).toISOString()
    tell({ step: 'waiting', waitsFor: waits, nextLookAt })
    const summary = waits.map(({ code, count }) => `${code}: ${count}`).join(', ')
    await sleep(pause * 1000, { summary })
    pause = Math.min(2 * pause, LONGEST_PAUSE_SECONDS)
  }
}

/** An erasure does not fail for Segment: its receipt says what a person has to do there. */
async function askSegment(
  person: Pick<EraseRequest, 'partnerId' | 'customerId'>,
  done: Done,
): Promise<SegmentDeletion> {
  if (done.passes === 0) return { isAsked: false, why: 'nothing_found' }
  try {
    return await proxies.askSegmentDeletion(person)
  } catch (error) {
    if (!(error instanceof ActivityFailure)) throw error
    return { isAsked: false, why: 'refused' }
  }
}
