// `npm run activation -- pause | resume | rate`: the limit of the activation queue.

import { type Command, Option } from 'commander'
import {
  type LimitChange,
  limitActivation,
  pauseActivation,
  type Rate,
  resumeActivation,
} from '#operations/activation/change-limit'
import { callsPerActivity, daysToRead, readWaitingEvents } from '#operations/activation/waiting'
import type { Who } from '#operations/dead-letters/who'
import { OperationError } from '#operations/errors'
import { readActivationQueue } from '#runtime/activation-queue'
import type { CliConfig } from '#runtime/config'
import { openReader } from '#warehouse/open-reader'
import { actorOf } from '../dead-letters/actor.ts'
import { loadEnvironment } from '../environment.ts'
import { positive } from '../option-values.ts'
import { print } from '../output/print.ts'
import { placeOf, withTemporal } from './reach.ts'
import { limitText, perSecondText } from './wording.ts'

type Options = {
  readonly reason?: string
  readonly actor?: string
  readonly json?: boolean
  readonly calls?: number
}

export function registerLimits(program: Command): void {
  withWho(program.command('pause').description('Stop sending to Segment. Events are staged on.'))
    .requiredOption('--reason <text>', 'why, for those who look at the state')
    .addHelpText('after', PAUSE_HELP)
    .action((options: Options) => run(options, (place, who) => pauseActivation(place, who)))
  withWho(program.command('resume').description('Lift the pause or the rate.'))
    .option('--reason <text>', 'why', 'resumed')
    .addHelpText('after', RESUME_HELP)
    .action((options: Options) => run(options, (place, who) => resumeActivation(place, who)))
  withWho(program.command('rate').description('Send no more than so many calls a second.'))
    .argument('<calls>', 'calls a second, over all workers', positive)
    .option('--reason <text>', 'why')
    .addOption(
      new Option(
        '--calls <number>',
        'calls an activity makes (default: by what waits, else by the last batches)',
      ).argParser(positive),
    )
    .addHelpText('after', RATE_HELP)
    .action((calls: number, options: Options) => runRate(calls, options))
}

const withWho = (command: Command) =>
  command
    .option('--actor <name>', 'who does it (default: the user of this machine)')
    .option('--json', 'print the limit before and after as JSON')

type Place = ReturnType<typeof placeOf>

async function run(options: Options, change: (place: Place, who: Who) => Promise<LimitChange>) {
  const config = await loadEnvironment([])
  const who = { actor: actorOf(options.actor), reason: options.reason ?? '' }
  await withTemporal(async (client) => {
    const done = await change(placeOf(client, config), who)
    print(options.json ? changeJson(done, {}) : changeText(done))
  })
}

async function runRate(calls: number, options: Options): Promise<void> {
  const config = await loadEnvironment(
    options.calls === undefined ? ['BIGQUERY_EMULATOR_HOST'] : [],
  )
  const what = `${calls} calls a second`
  const reason = options.reason === undefined ? what : `${what}: ${options.reason}`
  const who = { actor: actorOf(options.actor), reason }
  await withTemporal(async (client) => {
    const place = placeOf(client, config)
    const rate = { calls, callsPerActivity: options.calls ?? (await perActivity(place, config)) }
    const done = await limitActivation(place, rate, who)
    print(options.json ? changeJson(done, rate) : `${changeText(done)}\n${rateText(rate)}`)
  })
}

/** As far back as the ledger says something about the batches of today. */
const DAYS = 7

async function perActivity({ client, taskQueue }: Place, config: CliConfig): Promise<number> {
  const read = openReader(config)
  const days = await daysToRead(client, DAYS)
  const [queue, waiting] = await Promise.all([
    readActivationQueue(client, taskQueue),
    readWaitingEvents(read, days),
  ])
  const calls = await callsPerActivity(read, waiting, queue.backlog, days)
  if (calls === null) throw new OperationError('calls_per_activity_unknown', { days })
  return calls
}

const shown = ({ limit, setAt }: LimitChange['after']) => ({ ...limit, setAt })

/** Pure. */
export function changeJson({ isChanged, before, after }: LimitChange, rate: Partial<Rate>): string {
  return JSON.stringify({ isChanged, ...rate, before: shown(before), after: shown(after) }, null, 2)
}

/** Pure. */
export const changeText = ({ isChanged, after }: LimitChange) =>
  isChanged ? limitText(after) : `Nothing was changed. ${limitText(after)}`

const rateText = ({ callsPerActivity: calls }: Rate) =>
  `An activity is a batch, and makes ${perSecondText(calls)} calls: the limit is worked out from that.`

const PAUSE_HELP = `
Activities that are under way finish. Events are staged at full speed meanwhile, and wait in Temporal.

Examples:
  npm run activation -- pause --reason "the campaign is being changed"
  npm run -s activation -- pause --reason "audit" --actor ann --json

Exit code: 0 if activation is paused, 1 if Temporal does not answer, 2 if the command is wrong.`

const RESUME_HELP = `
What waits is sent as fast as Segment takes it: where it is much, set a rate first.

Examples:
  npm run activation -- resume
  npm run activation -- resume --reason "the campaign is live" --actor ann

Exit code: 0 if there is no limit, 1 if Temporal does not answer, 2 if the command is wrong.`

const RATE_HELP = `
Temporal limits activities, and an activity sends the events of a batch: the limit is the rate divided by the calls of an activity.
It is worked out once: give the command again where batches have become larger or smaller.

Examples:
  npm run activation -- rate 200
  npm run activation -- rate 50 --reason "Segment asked for it"
  npm run -s activation -- rate 1000 --calls 250 --json

Exit code: 0 if the rate is set, 1 if Temporal or BigQuery does not answer, 2 if the command is wrong.`
