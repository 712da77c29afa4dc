// A worker as a process of its own, for tests of what a whole pipeline left behind.

import { randomUUID } from 'node:crypto'
import { nodeCommand, type RunningProcess, startProcess } from '../../deploy/local/process.ts'

const READY_WITHIN_MS = 60_000

/** @param env of the stack it works for */
export function startWorker(
  env: Readonly<Record<string, string>>,
  logDir: string,
  taskQueue: string,
): Promise<RunningProcess> {
  return startProcess({
    name: `worker-${randomUUID()}`,
    command: nodeCommand('workers/main.ts'),
    logDir,
    env: {
      ...env,
      GOOGLE_CLOUD_PROJECT: 'local',
      SEGMENT_WRITE_KEY: 'test',
      TEMPORAL_TASK_QUEUE: taskQueue,
    },
    ready: (output) => (output.includes('"msg":"ready"') ? 'ready' : undefined),
    readyWithinMs: READY_WITHIN_MS,
  })
}
