// The sweep: opens dead letters for batches that ended early, compares Temporal with the tables, and sends alerts. A Temporal
// Schedule starts it.

import { ActivityFailure, isCancellation, patched, workflowInfo } from '@temporalio/workflow'
import type {
  AlertState,
  Progress,
  ReceiptCheck,
  SweepResult,
  SweepState,
  Swept,
} from '#contracts/sweep'
import { proxies } from './proxies.ts'
import { unreadIfNeeded } from './unread.ts'

/**
 * Runs that ended within this time are left to the next sweep: Temporal's lists lag, an activity of a terminated batch may
 * still be running, and the clocks of workers and BigQuery differ a little.
 */
const SETTLED_AFTER_SECONDS = 60

/** Rounds of one step. Ten are as much as one sweep should occupy a worker with. */
const MAX_ROUNDS = 10

const START: SweepState = {
  batches: { until: null, postponed: [] },
  letters: { until: null, postponed: [] },
  receipts: { until: null, postponed: [] },
  alert: { since: null, lastAt: null },
}

/**
 * Begins where the last sweep of the schedule ended, and returns where the next one begins. A step that does not succeed is
 * left to the next sweep. The workflow itself never fails, so that the other steps are done.
 */
export async function sweep(settledAfterSeconds = SETTLED_AFTER_SECONDS): Promise<SweepResult> {
  const until = new Date(Date.now() - settledAfterSeconds * 1000).toISOString()
  const last = lastState(workflowInfo().lastResult)
  const failed: string[] = []
  const attempt = async <T>(otherwise: T, step: () => Promise<T>): Promise<T> => {
    try {
      return await step()
    } catch (error) {
      if (isCancellation(error)) throw error
      failed.push(reasonOf(error))
      return otherwise
    }
  }
  const batches = await inRounds(attempt, last.batches, (from) =>
    unreadIfNeeded((isUnread) =>
      isUnread
        ? proxies.openEndedBatches(from, until, isUnread)
        : proxies.openEndedBatches(from, until),
    ),
  )
  const letters = await inRounds(attempt, last.letters, (from) =>
    proxies.recordEndedLetters(from, until),
  )
  const comparison = await attempt(null, () => proxies.compareDeadLetters(until))
  // After the batches: the messages of batches that ended early are in the audit log by now.
  // The patch is for sweeps that run while the workers are replaced. Remove it once no sweep is older than the patch.
  const receipts = patched('receipts')
    ? await checkInRounds(attempt, last.receipts, (from) => proxies.checkReceipts(from, until))
    : null
  const alert = await attempt(last.alert, () => alertOnce(last.alert, until))
  return {
    batches: progressOf(batches),
    letters: progressOf(letters),
    receipts: receipts ? progressOf(receipts) : last.receipts,
    alert,
    opened: { letters: batches.letters, events: batches.events },
    recorded: { letters: letters.letters, events: letters.events },
    comparison,
    acknowledged: receipts && foundBy(receipts),
    isAlertSent: alert.lastAt !== last.alert.lastAt,
    isMoreLeft: batches.isMoreLeft || letters.isMoreLeft || receipts?.isMoreLeft === true,
    failed,
  }
}

type Attempt = <T>(otherwise: T, step: () => Promise<T>) => Promise<T>

/** Repeats a step until the whole span is done, the step does not succeed, or the rounds of one sweep are used up. */
async function inRounds(
  attempt: Attempt,
  last: Progress,
  step: (from: Progress) => Promise<Swept>,
): Promise<Swept> {
  let done: Swept = { ...last, letters: 0, events: 0, isMoreLeft: true }
  for (let round = 0; round < MAX_ROUNDS && done.isMoreLeft; round += 1) {
    const next = await attempt(null, () => step(progressOf(done)))
    if (next === null) break
    done = { ...next, letters: done.letters + next.letters, events: done.events + next.events }
  }
  return done
}

/** The last round has all disagreements, because each round checks again what the one before has found. */
async function checkInRounds(
  attempt: Attempt,
  last: Progress,
  step: (from: Progress) => Promise<ReceiptCheck>,
): Promise<ReceiptCheck | null> {
  const rounds: ReceiptCheck[] = []
  while (rounds.length < MAX_ROUNDS && rounds.at(-1)?.isMoreLeft !== false) {
    const from = progressOf(rounds.at(-1) ?? last)
    const next = await attempt(null, () => step(from))
    if (next === null) break
    rounds.push(next)
  }
  const latest = rounds.at(-1)
  return latest
    ? { ...latest, checked: sum(rounds, 'checked'), written: sum(rounds, 'written') }
    : null
}

const sum = (rounds: readonly ReceiptCheck[], what: 'checked' | 'written') =>
  rounds.reduce((total, round) => total + round[what], 0)

const foundBy = ({ checked, written, disagreements, examples }: ReceiptCheck) => ({
  checked,
  written,
  disagreements,
  examples,
})

/** Sends one message about all new dead letters. Where the webhook does not take it, the next sweep sends it. */
async function alertOnce(last: AlertState, until: string): Promise<AlertState> {
  const { text, since } = await proxies.findFlood(last, until)
  if (text === null) return { ...last, since }
  await proxies.postAlert(text)
  return { since, lastAt: until }
}

const progressOf = ({ until, postponed }: Progress): Progress => ({ until, postponed })

/** The state that the last sweep of the schedule returned; the start state for the first sweep. */
function lastState(result: unknown): SweepState {
  return isState(result) ? { ...START, ...result } : START
}

/** True also for the result of an earlier version, which has no `receipts`. */
function isState(result: unknown): result is Omit<SweepState, 'receipts'> {
  return (
    typeof result === 'object' &&
    result !== null &&
    'batches' in result &&
    'letters' in result &&
    'alert' in result
  )
}

function reasonOf(error: unknown): string {
  const cause = error instanceof ActivityFailure ? error.cause : error
  const step = error instanceof ActivityFailure ? `${error.activityType}: ` : ''
  return `${step}${cause instanceof Error ? cause.message : String(cause)}`
}
