// Runs in the build of the image: starts each process once, so that Node writes V8's compiled code of all its modules into
// NODE_COMPILE_CACHE. Bridge and worker have no configuration there, and end once they have loaded everything.

import { spawnSync } from 'node:child_process'
import { readdirSync } from 'node:fs'

/** The exit code of a process whose configuration cannot be used. */
const NOT_CONFIGURED = 2

const STARTS: readonly (readonly [expectedCode: number, ...args: string[]])[] = [
  [0, 'cli/main.ts', '--help'],
  [0, 'cli/main.ts', 'dlq', '--help'],
  [0, 'deploy/codec-server/main.ts', '--help'],
  [NOT_CONFIGURED, 'bridge/main.ts'],
  [NOT_CONFIGURED, 'workers/main.ts'],
]

for (const [expectedCode, ...args] of STARTS) {
  const { status, stderr, error } = spawnSync(process.execPath, args, { encoding: 'utf8' })
  if (status !== expectedCode) {
    const cause = error ?? new Error(stderr)
    throw new Error(`\`node ${args.join(' ')}\` ended with the code ${status}.`, { cause })
  }
}

// Node says nothing where it cannot write there.
const cache = process.env['NODE_COMPILE_CACHE'] ?? ''
if (readdirSync(cache).length === 0)
  throw new Error(`Node has written no compiled code into ${cache}.`)
