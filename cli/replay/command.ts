// The options and the help of `npm run replay`.

import { type Command, Option } from 'commander'
import { anId, positive } from '../option-values.ts'
import { WHEN_HELP, when } from '../when.ts'
import type { ReplayCommandOptions } from './run.ts'

/** As a redrive: it leaves live traffic its throughput. */
const DEFAULT_RATE = 500

export function registerReplay(program: Command): void {
  program
    .command('replay')
    .description(
      'Publish messages of the audit log again: what staging lacks, or all of a selection.',
    )
    .option('--since <when>', `published from then on: ${WHEN_HELP}`, when)
    .option('--until <when>', 'published before then (default: now)', when)
    .option('--partner <id>', 'of this partner', anId)
    .addOption(new Option('--type <type>', 'of this type').choices(['purchase', 'cancellation']))
    .option('--batch <id>', 'of this batch, by its workflow id', anId)
    .addOption(
      new Option('--decision <decision>', 'what was decided on them')
        .choices(['accepted', 'rejected', 'any'])
        .default('accepted'),
    )
    .option('--staged', 'those that are staged as well')
    .option('--dry-run', 'count them, and publish nothing')
    .addOption(
      new Option('--rate <messages>', 'messages a second')
        .default(DEFAULT_RATE)
        .argParser(positive),
    )
    .option('--checkpoint <file>', 'a file that says how far it is: the same file continues it')
    .option('--yes', 'also where it is more than 100,000 messages or 1 GB')
    .option('--json', 'print the result as JSON')
    .addHelpText('after', HELP)
    .action(async (options: ReplayCommandOptions) => {
      const { runReplay } = await import('./run.ts')
      process.exitCode = await runReplay(options)
    })
}

const HELP = `
A replayed message is another delivery of the same message: it has its first id and publish time, its bytes and its
attributes. Rows that staging lacks are written; what is staged, counted or sent to Segment already stays as it is.
Messages that wait in an open dead letter are left to \`npm run dlq -- redrive\`. It goes by the retry topic, behind live
traffic. Ctrl-C stops it; the same --checkpoint, without a selection, continues it. See docs/runbook.md.

Examples:
  npm run replay -- --since 2d --dry-run
  npm run replay -- --since 2026-11-20 --until 2026-11-21 --partner dealer-7
  npm run replay -- --since 4w --checkpoint replay.json --rate 200 --yes
  npm run replay -- --checkpoint replay.json

Exit code: 0 if all of it was published, or counted; 1 if it was stopped or messages were left out; 2 if something is wrong with
the command.`
