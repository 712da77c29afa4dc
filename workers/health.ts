// What the probes of the platform are told of a worker.

import type { Worker } from '@temporalio/worker'
import type { Health } from '#runtime/health'
import { type Readiness, servicesThatDoNotAnswer } from '#runtime/readiness'

/** A worker that has failed ends the process. One that drains is alive, and takes no new work. */
export function healthOf(
  workers: readonly Pick<Worker, 'getState'>[],
  readiness: Readiness,
): Health {
  const isRunning = () => workers.every((worker) => worker.getState() === 'RUNNING')
  return {
    isAlive: () => workers.every((worker) => worker.getState() !== 'FAILED'),
    whyNotReady: () => [
      ...(isRunning() ? [] : ['the worker is not running']),
      ...servicesThatDoNotAnswer(readiness),
    ],
  }
}
