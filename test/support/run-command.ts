// Runs one of our commands as a person would, and hands back what it printed and how it ended.

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { repoDir } from '../../deploy/local/paths.ts'
import { runMainArgs } from '../../deploy/local/process.ts'

export type Finished = {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

export type Running = {
  readonly child: ChildProcess
  readonly pid: number
  /** What it has printed on stderr so far. */
  readonly stderr: () => string
  readonly finished: Promise<Finished>
}

/**
 * @param args of `cli/main.ts`, or of another main named by `main`
 * @param env what the shell has set beside
 */
export function startCommand(
  args: readonly string[],
  main = 'cli/main.ts',
  env: Readonly<Record<string, string>> = {},
): Running {
  return startProgram(process.execPath, [...runMainArgs(main), ...args], env)
}

/** @param script of bash, in the directory of the repository */
export const runShell = (script: string): Promise<Finished> =>
  startProgram('bash', ['-c', script]).finished

/** @param cwd where it runs, by default in the directory of the repository */
export function startProgram(
  command: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
  cwd = repoDir,
): Running {
  const child = spawn(command, args, {
    cwd,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...withoutStack(process.env), ...env },
  })
  let stdout = ''
  let stderr = ''
  child.stdout.on('data', (chunk: Buffer) => {
    stdout += chunk.toString()
  })
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk.toString()
  })
  const finished = once(child, 'close').then(() => ({ code: child.exitCode, stdout, stderr }))
  return { child, pid: child.pid ?? 0, stderr: () => stderr, finished }
}

export const runCommand = (
  args: readonly string[],
  main?: string,
  env?: Readonly<Record<string, string>>,
): Promise<Finished> => startCommand(args, main, env).finished

/** A command of a person's shell knows nothing of the parts a test file started. */
export function withoutStack(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const {
    TEMPORAL_ADDRESS: _temporal,
    TEMPORAL_NAMESPACE: _namespace,
    PUBSUB_EMULATOR_HOST: _pubsub,
    MONITORING_EMULATOR_HOST: _monitoring,
    BIGQUERY_EMULATOR_HOST: _bigquery,
    SEGMENT_HOST: _segment,
    PAYLOAD_KEYS: _keys,
    GOOGLE_CLOUD_PROJECT: _project,
    NODE_OPTIONS: _options,
    BUNDLED_MAINS: _bundles,
    ...rest
  } = environment
  return rest
}
