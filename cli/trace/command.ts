// The options and the help of `npm run trace`.

import { type Command, Option } from 'commander'
import { anId } from '../option-values.ts'
import { WHEN_HELP, when } from '../when.ts'
import type { TraceOptions } from './run.ts'

export function registerTrace(program: Command): void {
  program
    .command('trace')
    .description('Where is my order? Everything that happened to it, in time order.')
    .argument('<id>', 'an order id, an event id or a message id', anId)
    .option('--partner <id>', 'only of this partner: reads less', anId)
    .addOption(
      new Option('--since <when>', `published since then: ${WHEN_HELP}`)
        .argParser(when)
        .default(when(SEARCHED_BACK), SEARCHED_BACK),
    )
    .option('--json', 'print answer and timeline as JSON')
    .addHelpText('after', HELP)
    .action(async (id: string, options: TraceOptions) => {
      const { runTrace } = await import('./run.ts')
      process.exitCode = await runTrace(id, options)
    })
}

/** Without a partner BigQuery bills a look at every event of these days. */
const SEARCHED_BACK = '30d'

const HELP = `
Examples:
  npm run trace -- A001
  npm run trace -- A001 --partner dealer-7 --since 7d
  npm run trace -- A001 --since 2026-01-01
  npm run -s trace -- A001 --json

Exit code: 0 if it was found, 1 if not, 2 if something is wrong with the command.`
