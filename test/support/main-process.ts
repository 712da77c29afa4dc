// One of our own processes, started as it is in production; it is ready when its log says so.

import { randomUUID } from 'node:crypto'
import { saysReady } from '../../deploy/local/probes.ts'
import { nodeCommand, type RunningProcess, startProcess } from '../../deploy/local/process.ts'

const READY_WITHIN_MS = 60_000

export function startMain(
  main: 'bridge' | 'worker',
  logDir: string,
  env: Readonly<Record<string, string>>,
): Promise<RunningProcess> {
  return startProcess({
    name: `${main}-${randomUUID()}`,
    command: nodeCommand(main === 'bridge' ? 'bridge/main.ts' : 'workers/main.ts'),
    logDir,
    env,
    ready: saysReady,
    readyWithinMs: READY_WITHIN_MS,
  })
}
