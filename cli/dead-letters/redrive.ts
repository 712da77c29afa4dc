// The options and the help of `npm run dlq -- redrive`.

import { type Command, Option } from 'commander'
import { positive, share } from '../option-values.ts'

export type RedriveOptions = {
  readonly query?: string
  readonly all?: boolean
  readonly partner?: string
  readonly dryRun?: boolean
  readonly viaTopic?: boolean
  readonly patch?: string
  readonly events?: string
  readonly actor?: string
  readonly reason: string
  readonly rate: number
  readonly maxFailures: number
  readonly json?: boolean
}

/** Events a second: what comes in meanwhile keeps its place. */
export const DEFAULT_RATE = 500

export function registerRedrive(program: Command): void {
  program
    .command('redrive')
    .description(
      'Send events again, from the stage that failed and to that sink only, as they are or corrected.',
    )
    .argument('[ids...]', 'short ids, workflow ids, or their beginnings')
    .option(
      '--query <filters>',
      "all open ones that the filters of `list` find, or a query as in Temporal's UI",
    )
    .option('--all', 'every open dead letter')
    .addOption(
      new Option(
        '--partner <id>',
        'only the events of this partner, where the dead letters are shared by several',
      ).conflicts(['query', 'all']),
    )
    .option('--dry-run', 'say what would happen to each event, and change nothing')
    .addOption(
      new Option(
        '--patch <patch>',
        'a JSON Patch (RFC 6902) for each chosen event: a file, or the JSON itself',
      ).conflicts('events'),
    )
    .option(
      '--events <file>',
      'the events as edited in a file of `show --export`; it also says which dead letters',
    )
    .option(
      '--via-topic',
      'publish them to the retry topic, for partners who follow it: new messages that go the whole way',
    )
    .option('--actor <name>', 'who does it (default: the user of this machine)')
    .option('--reason <text>', 'why, for those who ask later', 'no reason given')
    .addOption(
      new Option('--rate <events>', 'events a second').default(DEFAULT_RATE).argParser(positive),
    )
    .addOption(
      new Option(
        '--max-failures <share>',
        'stop once more than this share of the chosen events has failed again, 0 to 1',
      )
        .default(0.5)
        .argParser(share),
    )
    .option('--json', 'print what came of each as JSON')
    .addHelpText('after', HELP)
    .action(async (ids: string[], options: RedriveOptions) => {
      const { redrive } = await import('./redriving.ts')
      process.exitCode = await redrive(ids, options)
    })
}

const HELP = `
--query takes the filters of \`list\` as words, which also finds what Temporal has forgotten:
  partner= stage= reason= type= since= until=
It also takes a query of Temporal's own, as its UI does.
Dead letters are sent whole, but for the events of other partners where one partner is asked for. With filters, --patch changes the chosen events only; the others are sent as they are, and
those that fail again stay open. Lines of --events whose events are done are skipped. The originals stay as they were,
and who changed what and why is recorded.
With --via-topic they carry redrive_of, redrive_attempt and where they came from as attributes, and the dead letter is
closed: what fails again is a new one. After five rounds an event is refused.
Ctrl-C stops it; the same command goes on with what is open.

Examples:
  npm run dlq -- redrive 3fa1 --dry-run
  npm run dlq -- redrive --query "partner=dealer-7 reason=currency_unknown" --patch '[{"op":"replace","path":"/currency","value":"EUR"}]'
  npm run dlq -- redrive 3fa1 --events events.ndjson --reason "corrected by dealer-7"
  npm run dlq -- redrive --query partner=dealer-7 --via-topic --reason "dealer-7 follows the topic"
  npm run dlq -- redrive --all --rate 200 --max-failures 0.1`
