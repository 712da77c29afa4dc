// Says, while runs are under way, why they do not go on, so that whoever waits for them need not guess.

import type { Client } from '@temporalio/client'
import type { RunId } from '#contracts'
import { explain } from '../stuck-runs/explain.ts'
import { stuckSteps } from '../stuck-runs/find.ts'
import type { StartedRun } from './start-redrive.ts'

export type Watch = {
  readonly follow: (handed: StartedRun) => void
  readonly stop: () => void
}

/** Where all is well, a run takes a second or two. */
const LOOK_EVERY_MS = 10_000

const PATIENCE = { attempts: 1, waitMs: LOOK_EVERY_MS }

/** Each problem is told once, however many runs have it and however long it lasts. */
export function watchRuns(client: Client, say: (text: string) => void): Watch {
  const underWay = new Set<RunId>()
  const told = new Set<string>()
  let isStopped = false
  const look = async () => {
    const found = await Promise.all([...underWay].map((run) => stuckSteps(client, run, PATIENCE)))
    const news = found.flat().filter(({ problem }) => !told.has(problem))
    // Nothing stands below the report that comes last.
    if (isStopped || news.length === 0) return
    for (const { problem } of news) told.add(problem)
    say([...explain(news), GOES_ON].join('\n'))
  }
  // Where Temporal does not answer, whoever waits for the runs hears of it.
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

const GOES_ON =
  'Nothing is lost: what is under way goes on by itself once that is mended, also after Ctrl-C.'
