// `npm run dlq -- redrive`: sends the events of dead letters on, from the stage that failed, as they are or corrected.

import { groupBy } from '#runtime/group-by'
import { type GooglePart, UsageError } from '../environment.ts'
import { render } from '../output/tables.ts'
import { atSite, carryOut, type Site } from './carry-out.ts'
import { type Edit, unchanged } from './edit.ts'
import { type EventsFile, readEventsFile } from './events-file.ts'
import { LetterError } from './letter-error.ts'
import { type OpenLetter, readOpenLetters } from './open-letters.ts'
import { patchEdit, readPatch } from './patch.ts'
import {
  encodePlanned,
  type Forecast,
  forecast,
  type Planned,
  planRedrive,
  refuseTooMuch,
} from './plan.ts'
import type { RedriveOptions } from './redrive.ts'
import { toOutgoing } from './republish.ts'
import { type Selection, select } from './select.ts'
import type { StoredEvent } from './store.ts'

/** @returns the exit code */
export function redrive(asked: readonly string[], options: RedriveOptions): Promise<number> {
  const parts: GooglePart[] = options.viaTopic ? ['PUBSUB_EMULATOR_HOST'] : []
  return atSite(async (site) => {
    const file = options.events === undefined ? null : await readEventsFile(options.events)
    const patch = options.patch === undefined ? null : patchEdit(await readPatch(options.patch))
    const ids = idsOf(asked, options, file)
    const selection = await select(site.store, site.client, { ...options, ids })
    if (file) await checkFile(site, file, selection)
    const edit: Edit = patch ? chosenOnly(patch, selection) : (file?.edit ?? unchanged)
    const plan = (letter: OpenLetter) => planRedrive(letter, edit)
    const attempt = (letter: OpenLetter) => checked(plan(letter), options)
    if (patch || file) await tryAll(site, selection.ids, attempt)
    if (options.dryRun) return dryRun(site, selection.ids, attempt, options.json)
    return carryOut(site, {
      ...options,
      action: options.viaTopic ? 'republish' : 'redrive',
      ids: selection.ids,
      plan,
      counted: chosenIn(selection),
      pace: options,
    })
  }, parts)
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

/** @throws LetterError where it cannot go the way that was asked for */
function checked(planned: Planned, { viaTopic }: RedriveOptions): Planned {
  if (!viaTopic) encodePlanned(planned)
  else {
    for (const message of planned.messages) toOutgoing(message, planned.letter.id)
    refuseTooMuch(planned, 0)
  }
  return planned
}

type Plan = (letter: OpenLetter) => Planned

/** A change that cannot be made to one event is known before the first is sent. */
async function tryAll({ store }: Site, ids: readonly string[], plan: Plan): Promise<void> {
  for await (const letter of readOpenLetters(store, ids)) plan(letter)
}

/** A person reads so many lines; --json has all. */
const MAX_LINES = 50

async function dryRun(
  { store }: Site,
  ids: readonly string[],
  plan: Plan,
  json = false,
): Promise<number> {
  const forecasts: Forecast[] = []
  for await (const letter of readOpenLetters(store, ids)) {
    try {
      forecasts.push(...forecast(plan(letter)))
    } catch (error) {
      if (!(error instanceof LetterError)) throw error
      process.stderr.write(`${error.message}\n`)
    }
  }
  if (json) {
    process.stdout.write(`${render(forecasts, 'json')}\n`)
    return 0
  }
  const counts = groupBy(forecasts, ({ would }) => would)
  const words = [...counts].map(([would, own]) => `${would} ${own.length}`)
  const rows = forecasts.slice(0, MAX_LINES).map(({ reasons, changed, ...one }) => ({
    ...one,
    changed: changed ? 'yes' : 'no',
    reasons: reasons.join(', '),
  }))
  const hidden = forecasts.length - rows.length
  const sum =
    words.length > 0
      ? `A redrive would ${words.join(', ')}.`
      : 'No open dead letter is as asked for.'
  const more = hidden > 0 ? `${hidden} more: --json has all.\n` : ''
  const table = rows.length > 0 ? `${render(rows, 'table')}\n` : ''
  process.stdout.write(`${table}${more}${sum} Nothing was changed.\n`)
  return 0
}
