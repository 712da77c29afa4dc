// The summary and the details of a dead letter in the Temporal UI: what failed and what to do next.
// They hold no personal data and no free text of a partner, because the UI puts them into the addresses of its pages.

import { type DeadEvent, type DeadLetter, isShared, type Stage } from '../batch.ts'
import { markdownCode, markdownText } from '../markup.ts'
import { printablePartner } from '../names.ts'
import {
  countReasons,
  isBatchReason,
  type ReasonCount,
  sizeOf,
  verbOf,
  whoseOf,
} from './vocabulary.ts'

export type DeadLetterText = {
  /** One line of Markdown of at most 250 characters; Temporal takes 400 bytes, encrypted. */
  readonly summary: string
  /** Markdown of well under the 20,000 bytes that Temporal takes. */
  readonly details: string
}

/** The summary has room for these; the details have the others. */
const MAX_REASONS_IN_SUMMARY = 3
const MAX_SUMMARY = 250

/** More reasons would push the next step off the screen. The failure message has all of them. */
const MAX_REASONS_IN_DETAILS = 12
const MAX_EXPECTED = 120

const WHY = {
  validation: 'Validation found violations of the contract.',
  staging: 'BigQuery refused what was to be staged.',
  activation: 'It is staged, but Segment refused the calls.',
} as const satisfies Record<Stage, string>

const ENDED = 'The batch ended before it was done: all of it can be sent again as it is.'
const ENDED_IN_PART =
  'The batch ended before it was done: what the contract accepts can be sent again as it is.'

const UNREADABLE =
  'The worker could not read the batch. Its bytes are kept: a redrive with a version that reads it runs its messages.'

/** @param id the workflow id of the dead letter, which the commands take */
export function describeDeadLetter(letter: DeadLetter, id: string): DeadLetterText {
  const reasons = byFrequency(letter.events)
  return { summary: summaryOf(letter, reasons), details: detailsOf(letter, id, reasons) }
}

/** The most frequent first, then by name. */
function byFrequency(events: readonly DeadEvent[]): ReasonCount[] {
  return countReasons(events).toSorted(
    (a, b) => b.events - a.events || (a.reason < b.reason ? -1 : 1),
  )
}

function summaryOf(letter: DeadLetter, reasons: readonly ReasonCount[]): string {
  const shown = reasons.slice(0, MAX_REASONS_IN_SUMMARY)
  const others = reasons.length - shown.length
  const list = shown.map(({ reason, events }) => `${markdownText(reason)} (${events})`).join(', ')
  const rest = others > 0 ? ` and ${others} more ${others === 1 ? 'reason' : 'reasons'}` : ''
  return begin(`${headline(letter)}: ${list}${rest}`, MAX_SUMMARY)
}

/** Markdown code that would be cut in the middle is left out: without its closing mark, the rest would be read as markup. */
function begin(text: string, length: number): string {
  const cut = text.slice(0, length)
  return cut.split('`').length % 2 === 1 ? cut : cut.slice(0, cut.lastIndexOf('`'))
}

function headline(letter: DeadLetter): string {
  return `${sizeOf(letter)} of ${markdownText(whoseOf(letter))} ${verbOf(letter)}`
}

function detailsOf(letter: DeadLetter, id: string, reasons: readonly ReasonCount[]): string {
  const { stage, part } = letter
  return [
    `**${headline(letter)}**, at stage \`${stage}\`. ${whyOf(stage, reasons)}${part === 0 ? '' : splitText(part)}`,
    listOf(reasons),
    'The input of this run has the events, as far as there is room, with path, expected and received of every violation; `show` has all. Next, with the workflow id as ID:',
    stepsOf(letter, id).join('\n'),
  ].join('\n\n')
}

function whyOf(stage: Stage, reasons: readonly ReasonCount[]): string {
  if (reasons.some(({ reason }) => reason === 'batch_unreadable')) return UNREADABLE
  const ended = reasons.filter(({ reason }) => isBatchReason(reason)).length
  if (ended === 0) return WHY[stage]
  return ended === reasons.length ? ENDED : ENDED_IN_PART
}

const splitText = (part: number) =>
  ` It is number ${part + 1} of the dead letters into which the events were split.`

/** A list, because the UI makes the cells of a table too narrow. */
function listOf(reasons: readonly ReasonCount[]): string {
  const lines = reasons
    .slice(0, MAX_REASONS_IN_DETAILS)
    .map(
      ({ reason, events, expected }) =>
        `- ${markdownCode(short(reason))} × ${events}: expected ${markdownText(short(expected))}`,
    )
  const others = reasons.length - lines.length
  return [...lines, ...(others > 0 ? [`- and ${others} more: see the failure message`] : [])].join(
    '\n',
  )
}

const short = (text: string) => text.slice(0, MAX_EXPECTED).replaceAll('`', ' ')

function stepsOf(letter: DeadLetter, id: string): string[] {
  const { partnerId, stage } = letter
  // An id that a shell could misread, or that is personal, is left out of the command.
  const isPlain = printablePartner(partnerId) === partnerId
  const report = `- tell the partner what it must fix: \`npm run dlq -- report --partner ${partnerId}\``
  return [
    `- look at it: \`npm run dlq -- show ${id}\``,
    '- try without changing anything: `npm run dlq -- redrive ID --dry-run`',
    '- send again, from this stage on: `npm run dlq -- redrive ID`, with `--patch` where the events must be fixed first',
    ...(stage === 'validation' && isPlain ? [report] : []),
    '- close it for good: `npm run dlq -- discard ID --reason "…"`',
    ...(isShared(letter) ? [ONE_OF_SEVERAL] : []),
  ]
}

const ONE_OF_SEVERAL =
  '- several partners share it, and by its ID all of them are handled; one alone, here and elsewhere: `--query partner=…` in place of ID'
