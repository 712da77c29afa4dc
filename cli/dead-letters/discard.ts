// `npm run dlq -- discard`: closes dead letters for good. The events stay in the tables, with who gave them up and why.

import { type Command, Option } from 'commander'
import { discard } from '#operations/dead-letters/discard'
import { actorOf } from './actor.ts'
import { follow } from './follow.ts'
import { printOutcomes } from './outcomes.ts'
import { withPipeline } from './pipeline.ts'

type Options = {
  readonly query?: string
  readonly all?: boolean
  readonly partner?: string
  readonly reason: string
  readonly actor?: string
  readonly json?: boolean
}

export function registerDiscard(program: Command): void {
  program
    .command('discard')
    .description('Close dead letters for good, and record who did and why.')
    .argument('[ids...]', 'short ids, workflow ids, or their beginnings')
    .requiredOption('--reason <text>', 'why, for those who ask later')
    .option(
      '--query <filters>',
      'all open ones these filters find, such as "partner=dealer-7 type=purchase"',
    )
    .option('--all', 'every open dead letter')
    .addOption(
      new Option(
        '--partner <id>',
        'only the events of this partner, where the dead letters are shared by several',
      ).conflicts(['query', 'all']),
    )
    .option('--actor <name>', 'who does it (default: the user of this machine)')
    .option('--json', 'print what came of each as JSON')
    .addHelpText('after', HELP)
    .action(async (ids: string[], options: Options) => {
      process.exitCode = await run(ids, options)
    })
}

/** @returns the exit code */
function run(ids: readonly string[], options: Options): Promise<number> {
  const { json, ...selector } = options
  return withPipeline(async (pipeline) => {
    const actor = actorOf(options.actor)
    const done = await follow((following) =>
      discard(pipeline, { ...selector, ...following, ids, actor }),
    )
    return printOutcomes(done, json)
  })
}

const HELP = `
It closes whole dead letters, but for the events of other partners where one partner is named. Their events stay in streaming.dead_letter and in the audit log.

Examples:
  npm run dlq -- discard 3fa1 9c20 --reason "tests of the partner"
  npm run dlq -- discard --query "partner=dealer-7 reason=not_json since=1d" --reason "empty heartbeats"`
