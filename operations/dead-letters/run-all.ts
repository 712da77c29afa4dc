// Resolves many dead letters, a few at a time and no faster than asked, until they are done or it must stop.

import { setTimeout as sleep } from 'node:timers/promises'
import { monotonicMs } from '#runtime/clock'
import type { OpenLetter } from './open-letters.ts'
import type { Outcome } from './outcome.ts'
import type { StartedRun } from './start-resolution.ts'

export type Pace = {
  /** Events a second. */
  readonly rate: number
  /** Stop once more than this share of the events that count have failed again. */
  readonly maxFailures: number
}

/** Events a second that leave live traffic its throughput. */
export const DEFAULT_RATE = 500

export type Work = {
  readonly letters: AsyncIterable<OpenLetter>
  readonly start: (letter: OpenLetter) => Promise<StartedRun>
  /** Message ids of the events that count for `maxFailures`. */
  readonly counted: (letter: OpenLetter) => ReadonlySet<string>
  readonly pace: Pace
  readonly stop: AbortSignal
  readonly onDone: (outcome: Outcome) => void
}

export type Done = {
  readonly outcomes: readonly Outcome[]
  readonly ended: 'finished' | 'interrupted' | 'too many failures'
  /** Runs that were started, are not finished and continue by themselves. */
  readonly underWay: number
}

/** So many runs at once keep a worker busy and leave it room for what comes in. */
const AT_ONCE = 8

/** A share of fewer events than this says nothing. */
const FEW = 10

/** @throws whatever `letters` and `start` throw; runs that were started continue by themselves then */
export async function runAll({ letters, start, counted, pace, stop, onDone }: Work): Promise<Done> {
  const outcomes: Outcome[] = []
  const underWay = new Set<Promise<void>>()
  const tally = { events: 0, failed: 0 }
  const hasFailedTooOften = () =>
    tally.events >= FEW && tally.failed > pace.maxFailures * tally.events
  const stopped = new Promise<void>((resolve) => {
    stop.addEventListener('abort', () => resolve(), { once: true })
  })
  const unlessStopped = (waiting: Promise<unknown>) => Promise.race([waiting, stopped])
  let dueAt = monotonicMs()
  let isCutShort = false

  const settle = (letter: OpenLetter, outcome: Outcome) => {
    outcomes.push(outcome)
    if (wasSent(outcome)) {
      const counting = counted(letter)
      tally.events += counting.size
      tally.failed += outcome.failed.filter((id) => counting.has(id)).length
    }
    onDone(outcome)
  }
  const follow = async (letter: OpenLetter, finished: Promise<Outcome>) => {
    settle(letter, await finished)
  }

  for await (const letter of letters) {
    if (underWay.size >= AT_ONCE) await unlessStopped(Promise.race(underWay))
    await unlessStopped(sleep(Math.max(0, dueAt - monotonicMs())))
    if (stop.aborted || hasFailedTooOften()) {
      isCutShort = true
      break
    }
    dueAt = Math.max(dueAt, monotonicMs()) + (letter.events.length / pace.rate) * 1000
    const { finished } = await start(letter)
    const followed = follow(letter, finished).finally(() => underWay.delete(followed))
    // It is awaited later; until then a rejection would end the process.
    followed.catch(() => {})
    underWay.add(followed)
  }
  await unlessStopped(Promise.all(underWay))
  if (stop.aborted) return { outcomes, ended: 'interrupted', underWay: underWay.size }
  return { outcomes, ended: isCutShort ? 'too many failures' : 'finished', underWay: 0 }
}

/** What was not even tried makes no share of failures smaller. */
const wasSent = ({ outcome }: Outcome) => outcome === 'closed' || outcome === 'failed'
