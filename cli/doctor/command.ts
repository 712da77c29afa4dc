// The options and the help of `npm run doctor`.

import type { Command } from 'commander'
import type { DoctorOptions } from './run.ts'

export function registerDoctor(program: Command): void {
  program
    .command('doctor')
    .description('Check a configured environment, and say how to fix what is wrong.')
    .option('--json', 'print the result of each check as JSON')
    .addHelpText('after', HELP)
    .action(async (options: DoctorOptions) => {
      const { runDoctor } = await import('./run.ts')
      process.exitCode = await runDoctor(options)
    })
}

const HELP = `
It checks the environment of this process, or the demo that runs, and changes nothing. Permissions are those of the account
that runs it: run it as the account of the bridge and as that of the worker. Segment is asked with a request without calls.

Examples:
  npm run doctor
  npm run -s doctor -- --json

Exit code: 0 if nothing is wrong or there are only warnings, 1 if there are errors, 2 if something is wrong with the command.`
