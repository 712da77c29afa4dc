// Runs a program that would outlive a killed parent, such as `temporal`, and ends it with ours.

import { spawn } from 'node:child_process'
import { visible } from '#contracts/visible'

const [command = '', ...args] = process.argv.slice(2)
const child = spawn(command, args, { stdio: ['ignore', 'inherit', 'inherit'] })
process.on('SIGTERM', () => child.kill('SIGTERM'))
child.once('error', (error) => {
  process.stderr.write(`${visible(error.message)}\n`)
  process.exitCode = 127
})
child.once('exit', (code) => process.exit(code ?? 1))
