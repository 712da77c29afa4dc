// `npm run dlq`: what failed, why, and what to do with it.

import type { Command } from 'commander'
import { registerDiscard } from './discard.ts'
import { registerList } from './list.ts'
import { registerRedrive } from './redrive.ts'
import { registerReport } from './report.ts'
import { registerRetryStuck } from './retry-stuck.ts'
import { registerShow } from './show.ts'
import { registerSummary } from './summary.ts'

export function registerDeadLetters(program: Command): void {
  const dlq = program
    .command('dlq')
    .description('Dead letters: see what failed, understand it, correct it, send it again.')
    .addHelpText('after', HELP)
  registerSummary(dlq)
  registerList(dlq)
  registerShow(dlq)
  registerRedrive(dlq)
  registerDiscard(dlq)
  registerRetryStuck(dlq)
  registerReport(dlq)
}

const HELP = `
Examples:
  npm run dlq -- summary
  npm run dlq -- list --partner dealer-7 --since 2h
  npm run dlq -- show 3fa1
  npm run dlq -- redrive 3fa1 --dry-run
  npm run dlq -- discard 3fa1 --reason "a test of the partner"
  npm run dlq -- retry-stuck

An id may be the short one of \`list\`, the workflow id, or the beginning of either.
Exit code: 0 if it is done, 1 if something failed or was left open, 2 if something is wrong with the command.`
