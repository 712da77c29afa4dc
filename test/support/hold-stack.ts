/** Starts a stack in a process of its own and prints its variables, for tests that kill this process. */
import { startStack } from '../../deploy/local/stack.ts'

const [dataDir = ''] = process.argv.slice(2)
const stack = await startStack({ dataDir })
process.stdout.write(`${JSON.stringify(stack.env)}\n`)
