// `npm run dlq -- redrive`: sends the events of dead letters again, from the stage that failed, as they are or corrected.

import { type Command, Option } from 'commander'
import { readEditedEvents } from '#operations/dead-letters/edited-events'
import { previewRedrive, redrive } from '#operations/dead-letters/redrive'
import { DEFAULT_RATE } from '#operations/dead-letters/run-all'
import { readMessages } from '#operations/send/read-file'
import { positive, share } from '../option-values.ts'
import { actorOf } from './actor.ts'
import { follow } from './follow.ts'
import { printOutcomes } from './outcomes.ts'
import { readPatch } from './patch-file.ts'
import { withPipeline } from './pipeline.ts'
import { printPreview } from './preview.ts'

type Options = {
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
      'publish them to the retry topic, for partners who follow it: new messages that pass all stages',
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
    .action(async (ids: string[], options: Options) => {
      process.exitCode = await run(ids, options)
    })
}

/** @returns the exit code */
function run(ids: readonly string[], options: Options): Promise<number> {
  return withPipeline(
    async (pipeline) => {
      const request = { ...options, ids, ...(await readEdits(options)) }
      if (options.dryRun) return printPreview(await previewRedrive(pipeline, request), options.json)
      const actor = actorOf(options.actor)
      const done = await follow((following) =>
        redrive(pipeline, { ...request, ...following, actor }),
      )
      return printOutcomes(done, options.json)
    },
    options.viaTopic ? ['PUBSUB_EMULATOR_HOST'] : [],
  )
}

/** The edits as they are read from their files, in place of the files. */
async function readEdits({ patch, events }: Options) {
  return {
    patch: patch === undefined ? undefined : await readPatch(patch),
    edited: events === undefined ? undefined : await readEditedEvents(readMessages(events), events),
  }
}

const HELP = `
--query takes the filters of \`list\` as words, which also finds what Temporal has forgotten:
  partner= stage= reason= type= since= until=
It also takes a query of Temporal's own, as its UI does.
Dead letters are sent whole, but for the events of other partners where one partner is named. With filters, --patch changes the chosen events only; the others are sent as they are, and
those that fail again stay open. Lines of --events whose events are done are skipped. The originals stay as they were,
and who changed what and why is recorded.
With --via-topic they carry redrive_of, redrive_attempt and where they came from as attributes, and the dead letter is
closed: what fails again is a new one. After five rounds an event is refused.
Ctrl-C stops it; the same command continues with what is open.

Examples:
  npm run dlq -- redrive 3fa1 --dry-run
  npm run dlq -- redrive --query "partner=dealer-7 reason=currency_unknown" --patch '[{"op":"replace","path":"/currency","value":"EUR"}]'
  npm run dlq -- redrive 3fa1 --events events.ndjson --reason "corrected by dealer-7"
  npm run dlq -- redrive --query partner=dealer-7 --via-topic --reason "dealer-7 follows the topic"
  npm run dlq -- redrive --all --rate 200 --max-failures 0.1`
