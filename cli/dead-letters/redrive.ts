// `npm run dlq -- redrive`: sends the events of dead letters on, from the stage that failed, as they are or corrected.

import { type Command, InvalidArgumentError, Option } from 'commander'
import { groupBy } from '#runtime/group-by'
import { UsageError } from '../environment.ts'
import { render } from '../output/tables.ts'
import { atSite, carryOut, type Site } from './carry-out.ts'
import { type Edit, unchanged } from './edit.ts'
import { type EventsFile, readEventsFile } from './events-file.ts'
import { readOpenLetters } from './open-letters.ts'
import { patchEdit, readPatch } from './patch.ts'
import { type Forecast, forecast, planRedrive } from './plan.ts'
import { type Selection, select } from './select.ts'
import type { StoredEvent } from './store.ts'

type RedriveOptions = {
  readonly query?: string
  readonly all?: boolean
  readonly dryRun?: boolean
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
    .option('--actor <name>', 'who does it (default: the user of this machine)')
    .option('--reason <text>', 'why, for those who ask later', 'no reason given')
    .addOption(new Option('--rate <events>', 'events a second').default(500).argParser(positive))
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
      process.exitCode = await redrive(ids, options)
    })
}

const HELP = `
--query takes the filters of \`list\` as words, which also finds what Temporal has forgotten:
  partner= stage= reason= type= since= until=
Anything else is taken for a query of Temporal's own, as its UI takes it.
Dead letters are sent whole. With filters, --patch changes the chosen events only; the others are sent as they are, and
those that fail again stay open. The originals stay as they were, and who changed what and why is recorded.
Ctrl-C stops it; the same command goes on with what is open.

Examples:
  npm run dlq -- redrive 3fa1 --dry-run
  npm run dlq -- redrive --query "partner=dealer-7 reason=currency_unknown" --patch '[{"op":"replace","path":"/currency","value":"EUR"}]'
  npm run dlq -- redrive 3fa1 --events events.ndjson --reason "corrected by dealer-7"
  npm run dlq -- redrive --all --rate 200 --max-failures 0.1`

function redrive(asked: readonly string[], options: RedriveOptions): Promise<number> {
  return atSite(async (site) => {
    const file = options.events === undefined ? null : await readEventsFile(options.events)
    const patch = options.patch === undefined ? null : patchEdit(await readPatch(options.patch))
    const ids = idsOf(asked, options, file)
    const selection = await select(site.store, site.client, { ...options, ids })
    if (file) await checkFile(site, file, selection)
    const edit: Edit = patch ? chosenOnly(patch, selection) : (file?.edit ?? unchanged)
    if (options.dryRun) return dryRun(site, selection.ids, edit, options.json)
    if (patch || file) await tryAll(site, selection.ids, edit)
    return carryOut(site, {
      ...options,
      action: 'redrive',
      ids: selection.ids,
      plan: (letter) => planRedrive(letter, edit),
      counted: chosenIn(selection),
      pace: options,
    })
  })
}

function idsOf(
  asked: readonly string[],
  { query, all }: RedriveOptions,
  file: EventsFile | null,
): readonly string[] {
  return file && asked.length === 0 && query === undefined && !all ? file.ids : asked
}

/** Every line must be about an open event of a dead letter that was asked for. */
async function checkFile({ store }: Site, file: EventsFile, { ids }: Selection): Promise<void> {
  const foreign = file.ids.find((id) => !ids.includes(id))
  if (foreign !== undefined)
    throw new UsageError(
      `The file has events of ${foreign}, which was not asked for. Nothing was redriven; leave the ids out to redrive what the file has.`,
    )
  const events: StoredEvent[] = []
  for await (const letter of readOpenLetters(store, ids)) events.push(...letter.events)
  file.checkBelonging(events)
}

const chosenOnly =
  (edit: Edit, { isChosen }: Selection): Edit =>
  (event) =>
    isChosen(event) ? edit(event) : null

const chosenIn =
  ({ isChosen }: Selection) =>
  ({ events }: { readonly events: readonly StoredEvent[] }) =>
    new Set(events.filter(isChosen).map(({ message_id }) => message_id))

/** A change that cannot be made to one event is known before the first is sent. */
async function tryAll({ store }: Site, ids: readonly string[], edit: Edit): Promise<void> {
  for await (const letter of readOpenLetters(store, ids)) planRedrive(letter, edit)
}

/** A person reads so many lines; --json has all. */
const MAX_LINES = 50

async function dryRun(
  { store }: Site,
  ids: readonly string[],
  edit: Edit,
  json = false,
): Promise<number> {
  const forecasts: Forecast[] = []
  for await (const letter of readOpenLetters(store, ids))
    forecasts.push(...forecast(planRedrive(letter, edit)))
  if (json) {
    process.stdout.write(`${render(forecasts, 'json')}\n`)
    return 0
  }
  const counts = groupBy(forecasts, ({ would }) => would)
  const words = [...counts].map(([would, own]) => `${own.length} would ${would}`)
  const rows = forecasts.slice(0, MAX_LINES).map(({ reasons, changed, ...one }) => ({
    ...one,
    changed: changed ? 'yes' : 'no',
    reasons: reasons.join(', '),
  }))
  const hidden = forecasts.length - rows.length
  process.stdout.write(
    `${render(rows, 'table')}\n${hidden > 0 ? `${hidden} more: --json has all.\n` : ''}${words.join(', ') || 'Nothing is open'}. Nothing was changed.\n`,
  )
  return 0
}

function positive(value: string): number {
  const number = Number(value)
  if (!(number > 0)) throw new InvalidArgumentError('It must be a number above zero.')
  return number
}

function share(value: string): number {
  const number = Number(value)
  if (value === '' || !(number >= 0 && number <= 1))
    throw new InvalidArgumentError('It must be a number from 0 to 1.')
  return number
}
