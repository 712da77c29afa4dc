// One of our own processes, started as it is in production; it is ready when its log says so.

import { randomUUID } from 'node:crypto'
import { saysReady } from '../../deploy/local/probes.ts'
import { nodeCommand, type RunningProcess, startProcess } from '../../deploy/local/process.ts'

const READY_WITHIN_MS = 60_000

const MODULES = {
  bridge: 'bridge/main.ts',
  worker: 'workers/main.ts',
  'poison-worker': 'test/support/poison-worker/main.ts',
} as const

export function startMain(
  main: keyof typeof MODULES,
  logDir: string,
  env: Readonly<Record<string, string>>,
): Promise<RunningProcess> {
  return startProcess({
    name: `${main}-${randomUUID()}`,
    command: nodeCommand(MODULES[main]),
    logDir,
    env: { ...bundled(), ...env },
    ready: saysReady,
    readyWithinMs: READY_WITHIN_MS,
  })
}

/** A worker of the tests starts as in production, without bundling the workflows. */
function bundled(): Readonly<Record<string, string>> {
  const { TEST_WORKFLOW_BUNDLE: file } = process.env
  return file ? { WORKFLOW_BUNDLE: file } : {}
}
