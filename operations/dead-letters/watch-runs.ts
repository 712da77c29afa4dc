// Finds out, while runs are under way, why they make no progress.

import type { Client } from '@temporalio/client'
import type { RunId } from '#contracts'
import type { Step } from '../stuck-runs/diagnose.ts'
import { stuckSteps } from '../stuck-runs/find.ts'
import type { StartedRun } from './start-resolution.ts'

export type Watch = {
  readonly follow: (started: StartedRun) => void
  readonly stop: () => void
}

/** Where all is well, a run takes a second or two. */
const LOOK_EVERY_MS = 10_000

const PATIENCE = { attempts: 1, waitMs: LOOK_EVERY_MS }

/** `onStuck` hears of each problem once, however many runs have it and however long it lasts. */
export function watchRuns(client: Client, onStuck: (steps: readonly Step[]) => void): Watch {
  const underWay = new Set<RunId>()
  const told = new Set<string>()
  let isStopped = false
  const look = async () => {
    const found = await Promise.all([...underWay].map((run) => stuckSteps(client, run, PATIENCE)))
    const news = found.flat().filter(({ problem }) => !told.has(problem))
    // Nothing is reported after the result.
    if (isStopped || news.length === 0) return
    for (const { problem } of news) told.add(problem)
    onStuck(news)
  }
  // Where Temporal does not answer, the wait for the runs fails with it.
  const timer = setInterval(() => void look().catch(() => {}), LOOK_EVERY_MS)
  return {
    follow: ({ run, finished }) => {
      if (!run) return
      underWay.add(run)
      const leave = () => void underWay.delete(run)
      finished.then(leave, leave)
    },
    stop: () => {
      isStopped = true
      clearInterval(timer)
    },
  }
}
