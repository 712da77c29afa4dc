// A worker as a process of its own, for tests of what a whole pipeline left behind.

import type { RunningProcess } from '../../deploy/local/process.ts'
import { startMain } from './main-process.ts'

/**
 * @param env of the stack it works for
 * @param own what sets this worker apart
 */
export function startWorker(
  env: Readonly<Record<string, string>>,
  logDir: string,
  taskQueue: string,
  own: Readonly<Record<string, string>> = {},
): Promise<RunningProcess> {
  return startMain('worker', logDir, {
    ...env,
    GOOGLE_CLOUD_PROJECT: 'local',
    SEGMENT_WRITE_KEY: 'test',
    TEMPORAL_TASK_QUEUE: taskQueue,
    ...own,
  })
}
