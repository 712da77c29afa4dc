// `npm run dlq -- redrive`: sends the events of dead letters on, from the stage that failed, as they are or corrected.

import { visibleInLine } from '#contracts/visible'
import { type Edit, unchanged } from '#operations/dead-letters/edit'
import { type EventsFile, readEventsFile } from '#operations/dead-letters/events-file'
import {
  type OpenLetter,
  readOpenLetters,
  type Wanted,
} from '#operations/dead-letters/open-letters'
import { patchEdit, readPatch } from '#operations/dead-letters/patch'
import {
  encodePlanned,
  type Planned,
  planRedrive,
  refuseTooMuch,
} from '#operations/dead-letters/plan'
import { toOutgoing } from '#operations/dead-letters/republish'
import { type Selection, select } from '#operations/dead-letters/select'
import { wallClock } from '#runtime/clock'
import { UsageError } from '#runtime/errors'
import { readLetterEvents } from '#warehouse/sql/dead-letter-events'
import type { StoredEvent } from '#warehouse/sql/dead-letters'
import { type GooglePart } from '../environment.ts'
import { atSite, carryOut, type Site } from './carry-out.ts'
import { dryRun, type Plan } from './dry-run.ts'
import type { RedriveOptions } from './redrive.ts'

/** @returns the exit code */
export function redrive(asked: readonly string[], options: RedriveOptions): Promise<number> {
  const parts: GooglePart[] = options.viaTopic ? ['PUBSUB_EMULATOR_HOST'] : []
  return atSite(async (site) => {
    const file = options.events === undefined ? null : await readEventsFile(options.events)
    const patch = options.patch === undefined ? null : patchEdit(await readPatch(options.patch))
    const ids = idsOf(asked, options, file)
    const selection = await select(site.store, site.client, { ...options, ids })
    const doneBefore = file ? await checkFile(site, file, selection) : 0
    const edit: Edit = patch ? chosenOnly(patch, selection) : (file?.edit ?? unchanged)
    const plan = (letter: OpenLetter) => planRedrive(letter, edit, wallClock())
    const attempt = (letter: OpenLetter) => checked(plan(letter), options)
    if (patch || file) await tryAll(site, selection, attempt)
    if (options.dryRun)
      return dryRun(site.store, { ...selection, plan: attempt, doneBefore }, options.json)
    return carryOut(site, {
      ...options,
      action: options.viaTopic ? 'republish' : 'redrive',
      wanted: selection,
      plan,
      counted: chosenIn(selection),
      doneBefore,
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

/** Every line must be about an event of a dead letter that was asked for. @returns how many were done before */
async function checkFile({ store }: Site, file: EventsFile, { ids }: Selection): Promise<number> {
  const foreign = file.ids.find((id) => !ids.includes(id))
  if (foreign !== undefined)
    throw new UsageError(
      `The file has events of ${visibleInLine(foreign)}, which was not asked for. Nothing was redriven; leave the ids out to redrive what the file has.`,
    )
  return file.doneBefore(await readLetterEvents(store, file.ids))
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

/** A change that cannot be made to one event is known before the first is sent. */
async function tryAll({ store }: Site, wanted: Wanted, plan: Plan): Promise<void> {
  for await (const letter of readOpenLetters(store, wanted)) plan(letter)
}
