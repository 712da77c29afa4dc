// The options and the help of `npm run erase`.

import type { Command } from 'commander'
import { Option } from 'commander'
import { anId } from '../option-values.ts'
import type { EraseOptions } from './run.ts'

export function registerErase(program: Command): void {
  program
    .command('erase')
    .description("Erase a customer: tables, dead letters, Temporal's histories and Segment.")
    .requiredOption('--partner <id>', 'whose customer it is', anId)
    .requiredOption('--customer <id>', "the partner's customer id", anId)
    .addOption(
      new Option('--reason <text>', 'why, such as the number of the request: the receipt keeps it')
        .default('asked by the person')
        .conflicts(['dryRun', 'status']),
    )
    .option('--actor <name>', 'who does it (default: the user of this machine)')
    .addOption(new Option('--dry-run', 'count what would be erased').conflicts('status'))
    .option('--status', 'show how far it is, or the last receipt')
    .addOption(new Option('--no-wait', 'start it, and do not wait until it is done'))
    .option('--json', 'print the result as JSON')
    .addHelpText('after', HELP)
    .action(async (options: EraseOptions) => {
      const { runErase } = await import('./run.ts')
      process.exitCode = await runErase(options)
    })
}

const HELP = `
It waits until BigQuery changes rows that were streamed lately, which takes half an hour or more, and it continues after Ctrl-C.
Asked twice, it erases once. See docs/runbook.md.

Examples:
  npm run erase -- --partner dealer-7 --customer C101 --dry-run
  npm run erase -- --partner dealer-7 --customer C101 --reason "request 4711"
  npm run -s erase -- --partner dealer-7 --customer C101 --status --json

Exit code: 0 if it is done, counted, or under way; 1 if it failed or was never asked for; 2 if something is wrong with the command.`
