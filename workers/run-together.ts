// Runs several workers as one: where one fails, the others stop.

import type { Worker } from '@temporalio/worker'

export type Runnable = Pick<Worker, 'run' | 'getState' | 'shutdown'>

/** Runs until all workers have stopped. @throws the error of the worker that failed */
export async function runTogether(workers: readonly Runnable[]): Promise<void> {
  const runs = workers.map((worker) => worker.run())
  const stopOthers = () => {
    for (const worker of workers) if (worker.getState() === 'RUNNING') worker.shutdown()
  }
  await Promise.all(runs).catch(stopOthers)
  await Promise.all(runs)
}
