// Sends the events of dead letters again, from the stage that failed, as they are or corrected.

import { wallClock } from '#runtime/clock'
import type { Reader } from '#warehouse/read'
import { readLetterEvents } from '#warehouse/sql/dead-letter-events'
import type { StoredEvent } from '#warehouse/sql/dead-letter-stored-events'
import { OperationError } from '../errors.ts'
import { type Edit, unchanged } from './edit.ts'
import type { EditedEvents } from './edited-events.ts'
import { type OpenLetter, readOpenLetters } from './open-letters.ts'
import { type JsonPatch, patchEdit } from './patch.ts'
import { encodePlanned, type Planned, planRedrive, refuseTooMuch } from './plan.ts'
import { type Preview, previewEach } from './preview.ts'
import { toOutgoing } from './republish.ts'
import { type Following, type Pipeline, type ResolutionReport, resolveLetters } from './resolve.ts'
import type { Pace } from './run-all.ts'
import { type Selection, type Selector, select } from './select.ts'
import type { Who } from './who.ts'

/** What is to be redriven, and how; a patch and edited events exclude each other. */
export type Redrive = Selector & {
  /** Applied to each event that fits the filters of the selector. */
  readonly patch?: JsonPatch | undefined
  /** They also select their dead letters, where the selector names none. */
  readonly edited?: EditedEvents | undefined
  /** Publishes the events to the retry topic: new messages that pass all stages. */
  readonly viaTopic?: boolean
}

/**
 * Every edit is tried before the first event is sent.
 * @throws OperationError of `select` and `resolveLetters`; `patch_not_applicable`, `edited_line_foreign` or
 * `edited_letter_not_selected`
 * @throws LetterRefusedError where edited events do not fit a run
 */
export async function redrive(
  pipeline: Pipeline,
  options: Redrive & Pace & Who & Following,
): Promise<ResolutionReport> {
  const { selection, doneBefore, plan } = await prepare(pipeline, options)
  return resolveLetters(pipeline, {
    ...options,
    action: options.viaTopic ? 'republish' : 'redrive',
    selection,
    plan,
    counted: chosenIn(selection),
    doneBefore,
    pace: options,
  })
}

/** What `redrive` would do with each event. It changes nothing, and throws as `redrive` does. */
export async function previewRedrive(pipeline: Pipeline, options: Redrive): Promise<Preview> {
  const { selection, doneBefore, planChecked } = await prepare(pipeline, options)
  return { ...(await previewEach(pipeline.store, selection, planChecked)), doneBefore }
}

async function prepare({ store, client }: Pipeline, options: Redrive) {
  const { edited } = options
  const selection = await select(store, client, { ...options, ids: idsOf(options) })
  const doneBefore = edited ? await checkEdited(store, edited, selection) : 0
  const patch = options.patch && patchEdit(options.patch)
  const edit: Edit = patch ? chosenOnly(patch, selection) : (edited?.edit ?? unchanged)
  const plan = (letter: OpenLetter) => planRedrive(letter, edit, wallClock())
  const planChecked = (letter: OpenLetter) => checked(plan(letter), options)
  if (patch || edited) await tryAll(store, selection, planChecked)
  return { selection, doneBefore, plan, planChecked }
}

function idsOf({ ids, query, all, edited }: Redrive): readonly string[] {
  return edited && ids.length === 0 && query === undefined && !all ? edited.ids : ids
}

/** Every line must be about an event of a dead letter that was selected. @returns how many are closed */
async function checkEdited(store: Reader, edited: EditedEvents, { ids }: Selection) {
  const letter = edited.ids.find((id) => !ids.includes(id))
  if (letter !== undefined) throw new OperationError('edited_letter_not_selected', { letter })
  return edited.doneBefore(await readLetterEvents(store, edited.ids))
}

const chosenOnly =
  (edit: Edit, { isChosen }: Selection): Edit =>
  (event) =>
    isChosen(event) ? edit(event) : null

const chosenIn =
  ({ isChosen }: Selection) =>
  ({ events }: { readonly events: readonly StoredEvent[] }) =>
    new Set(events.filter(isChosen).map(({ message_id }) => message_id))

/** @throws LetterRefusedError where it cannot go the way that was asked for */
function checked(planned: Planned, { viaTopic }: Redrive): Planned {
  if (!viaTopic) encodePlanned(planned)
  else {
    for (const message of planned.messages) toOutgoing(message, planned.letter.id)
    refuseTooMuch(planned, 0)
  }
  return planned
}

/** An edit that cannot be made to one event is known before the first is sent. */
async function tryAll(
  store: Reader,
  selection: Selection,
  plan: (letter: OpenLetter) => Planned,
): Promise<void> {
  for await (const letter of readOpenLetters(store, selection)) plan(letter)
}
