// Runs one of our commands like `run-command.ts`, but in a process that the commands of a test file share.

import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { afterAll } from '@jest/globals'
import { repoDir } from '../../../deploy/local/paths.ts'
import { runMainArgs } from '../../../deploy/local/process.ts'
import { type Finished, runCommand, withoutStack } from '../run-command.ts'
import type { Asked } from './host.ts'

const HOST = 'test/support/warm-command/host.ts'

let host: ChildProcess | undefined
let isBusy = false

afterAll(() => void host?.kill('SIGKILL'))

/**
 * For assertions about what a command prints and does; a signal, a progress bar or a pipe needs a process of its own.
 * A command that is run while another one still runs has a process of its own as well.
 */
export async function runWarmCommand(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<Finished> {
  if (isBusy) return runCommand(args, undefined, env)
  isBusy = true
  try {
    return await ask({ args, env: { ...withoutStack(process.env), ...env } })
  } finally {
    isBusy = false
  }
}

async function ask(asked: Asked): Promise<Finished> {
  host ??= startHost()
  const ended = once(host, 'exit').then(() => {
    throw new Error(`the process of the commands ended in: ${asked.args.join(' ')}`)
  })
  const answered = once(host, 'message')
  host.send(asked)
  const [finished] = await Promise.race([answered, ended])
  return finished
}

function startHost(): ChildProcess {
  const [main = HOST, ...flags] = runMainArgs(HOST).toReversed()
  return fork(main, { execArgv: flags, env: withoutStack(process.env), cwd: repoDir })
}
