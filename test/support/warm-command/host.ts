// A process that runs commands of `cli/main.ts` one after the other. What they import is loaded once, which is most of
// what a short command costs.

import { inspect } from 'node:util'
import type { Finished } from '../run-command.ts'

export type Asked = {
  readonly args: readonly string[]
  readonly env: NodeJS.ProcessEnv
}

type Write = typeof process.stdout.write

const MAIN = new URL('../../../cli/main.ts', import.meta.url).href
let runs = 0

process.on('message', (asked: Asked) => {
  void run(asked).then((finished) => process.send?.(finished))
})
process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'))

/**
 * Imports the main module once more, with the arguments and the environment of its own. The command has finished at its
 * first `process.exit`; the answer waits until its module has ended as well, which may set an exit code of its own.
 */
async function run({ args, env }: Asked): Promise<Finished> {
  process.argv = [process.execPath, 'cli/main.ts', ...args]
  process.env = { ...env }
  process.exitCode = undefined
  // Every command adds a listener of its own.
  process.stdout.removeAllListeners('error')
  const stdout = collect(process.stdout)
  const stderr = collect(process.stderr)
  let finished: Finished | undefined
  const finish = (code: number) => {
    finished ??= { code, stdout: stdout(), stderr: stderr() }
    return finished
  }
  process.exit = (code) => {
    finish(Number(code ?? process.exitCode ?? 0))
    throw new Exited()
  }
  onFailure = (error) => {
    if (finished === undefined) process.stderr.write(inspect(error))
    finish(1)
  }
  await import(`${MAIN}?run=${runs++}`).catch(onFailure)
  return finish(0)
}

/** @returns what was written so far; what is written after that is no part of the command any more */
function collect(stream: NodeJS.WriteStream): () => string {
  const written: string[] = []
  const write: Write = (chunk: Uint8Array | string, ...rest: unknown[]) => {
    written.push(typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString())
    const done = rest.find((one) => typeof one === 'function')
    done?.()
    return true
  }
  stream.write = write
  return () => written.join('')
}

class Exited extends Error {}

/** What a command that has ended leaves behind fails unheard, as it would with its process. */
let onFailure: (error: unknown) => void = () => {}
process.on('uncaughtException', (error) => onFailure(error))
process.on('unhandledRejection', (error) => onFailure(error))
