// Words what an operation could not do, and says with which exit code the command ends.

import { visibleInLine } from '#contracts/visible'
import { FILTERS } from '#operations/dead-letters/filters'
import { shortId } from '#operations/dead-letters/short-id'
import {
  type ErrorCode,
  type ErrorDetails,
  LetterRefusedError,
  type OperationError,
  type Problem,
} from '#operations/errors'
import { WHEN_HELP } from './when.ts'

/** The problem as a sentence, with what to do. */
export function wordsOf<Code extends ErrorCode>({ code, details }: Problem<Code>): string {
  return WORDS[code](details)
}

/** The error as a person reads it, with the exit code of the command. */
export const commandError = (error: OperationError): Error => new CommandError(error)

class CommandError extends Error {
  override readonly name = 'CommandError'
  readonly exitCode: number

  constructor(error: OperationError) {
    super(sentenceOf(error), error.cause === undefined ? undefined : { cause: error.cause })
    this.exitCode = INTERRUPTIONS.has(error.code) ? 1 : 2
  }
}

/** Of one dead letter among others, the sentence says which. */
export function sentenceOf(error: OperationError): string {
  if (!(error instanceof LetterRefusedError)) return wordsOf(error)
  return `${shortId(error.letter)} (${error.letter}): ${wordsOf(error)} Nothing was redriven.`
}

/** A service stopped answering; every other problem is one of the command. */
const INTERRUPTIONS: ReadonlySet<ErrorCode> = new Set([
  'temporal_lost',
  'temporal_refused',
  'bigquery_lost',
])

const CONTINUE =
  'Runs that were started continue by themselves, and nothing is lost; once it answers, the same command continues with what is open.'
const EXAMPLE = '[{"op":"replace","path":"/currency","value":"EUR"}]'
const FILTER_NAMES = FILTERS.join(', ')
const MAKE_SMALLER =
  'Make what is too large smaller (show --export, then redrive --events), or discard the dead letter.'
const CORRECT_FEWER =
  'Correct fewer of them at once (what is not in the file is sent as it is, and stays open where it fails again), or make them smaller.'

const bytesOf = (count: number) => count.toLocaleString('en')

const WORDS: { readonly [Code in ErrorCode]: (details: ErrorDetails[Code]) => string } = {
  selection_ambiguous: () =>
    'Say which dead letters, in one way: ids, or --query, or --all for every open one. Nothing was changed.',
  letter_unknown: ({ text }) =>
    `There is no dead letter ${text}: \`npm run dlq -- list --all\` shows those there are.`,
  letter_id_too_short: ({ text }) =>
    `${text} is too short: give at least four digits of the id. \`npm run dlq -- list --all\` shows those there are.`,
  letter_id_ambiguous: ({ text, letters }) =>
    `${text} begins ${letters.length} ids, such as ${letters.slice(0, 3).map(shortId).join(', ')}: give more of it.`,
  letter_closed: ({ letter }) =>
    `${shortId(letter)} is closed, so there is nothing to send again. Who closed it, and why: npm run dlq -- show ${shortId(letter)}`,
  partner_not_in_letter: ({ letter, partner }) =>
    `${shortId(letter)} has no event of ${partner}. Whose it has: npm run dlq -- show ${shortId(letter)}`,
  partner_not_selected: ({ letters, partner }) =>
    `${letters.map(shortId).join(', ')} has no event of ${partner}. Whose it has: npm run dlq -- show ${shortId(letters[0] ?? '')}. Nothing was changed.`,
  query_refused: ({ query, why }) =>
    `Temporal does not take --query "${query}": ${why}. Write it as in Temporal's UI, or as filters, such as "partner=dealer-7 reason=amount_not_a_number"; there are ${FILTER_NAMES}. Nothing was changed.`,
  query_unreadable: ({ query }) =>
    `--query "${query}" is no list of filters: write partner=dealer-7, with a value and no spaces. There are ${FILTER_NAMES}. Nothing was changed.`,
  filter_unknown: ({ name }) => `There is no filter ${name}: ${FILTER_NAMES}. Nothing was changed.`,
  filter_value_unknown: ({ name, value, choices }) =>
    `--query: ${name}=${value} is none of ${choices.join(', ')}.`,
  filter_time_unreadable: ({ name, value }) =>
    `--query: ${name}=${value} cannot be used. It must be ${WHEN_HELP}.`,
  actor_invalid: ({ maxLength }) =>
    `--actor is no name: give one line of at most ${maxLength} characters (--actor ann). It is recorded with what you do. Nothing was changed.`,
  reason_invalid: ({ maxLength }) =>
    `--reason cannot be used: give one line of at most ${maxLength} characters. It is recorded for those who ask later. Nothing was changed.`,
  patch_not_json: ({ source }) =>
    `${source} is not JSON. An example, in the quotes of a shell: '${EXAMPLE}'. Nothing was redriven.`,
  patch_invalid: ({ source, place, issue }) =>
    `${source} is no JSON Patch (RFC 6902)${place === '' ? '' : ` at ${place}`}: ${issue}. An example: ${EXAMPLE}. Nothing was redriven.`,
  patch_not_applicable: ({ letter, messageId, number, op, path, why }) =>
    `The patch does not apply to message ${messageId} of ${letter}: operation ${number} (${op} ${visibleInLine(path || 'the whole event')}) fails, ${WHY_NOT[why]}. Nothing was redriven; choose events by --query reason=…, or edit them with show --export and redrive --events.`,
  edited_events_empty: ({ source }) =>
    `${source} is empty: write events to it (show --export), and correct them. Nothing was redriven.`,
  edited_line_not_json: ({ source, line }) =>
    `Line ${line} of ${source} is not JSON: an event is one line. Correct that line. Nothing was redriven.`,
  edited_line_invalid: ({ source, line }) =>
    `Line ${line} of ${source} is no line of \`show --export\`: it needs dead_letter_id, message_id, publish_time and one of event, text and base64. Export anew, and edit only those. Nothing was redriven.`,
  edited_line_repeated: ({ source, line, messageId }) =>
    `Line ${line} of ${source} is message ${visibleInLine(messageId)} a second time: leave one of them. Nothing was redriven.`,
  edited_line_foreign: ({ source, line, messageId, letter }) =>
    `Line ${line} of ${source}: message ${visibleInLine(messageId)} is no event of ${visibleInLine(letter)}. Nothing was redriven; export that dead letter again and edit the new file.`,
  edited_letter_not_selected: ({ letter }) =>
    `The file has events of ${visibleInLine(letter)}, which was not selected. Nothing was redriven; leave the ids out to redrive what the file has.`,
  worker_missing: ({ taskQueue }) =>
    `No worker serves task queue ${taskQueue}: start one (npm run worker), or correct TEMPORAL_TASK_QUEUE. Nothing was changed.`,
  retry_topic_missing: ({ topic }) =>
    `Topic ${topic} does not exist, so nothing was published: run \`npm run setup\`, or correct PUBSUB_RETRY_TOPIC.`,
  temporal_lost: () => `Temporal does not answer any more. ${CONTINUE}`,
  temporal_refused: ({ why }) =>
    `Temporal refused: ${why.replace(/\.$/, '')}. Runs that were started continue by themselves.`,
  bigquery_lost: ({ why }) => `${why} ${CONTINUE}`,
  variable_missing: ({ variable }) => `${variable} is not set: see .env.example.`,
  segment_api_denied: ({ status }) =>
    `Segment's Public API answered ${status}: set SEGMENT_PUBLIC_API_TOKEN to a token of the workspace with the role Tracking Plan Admin, and SEGMENT_PUBLIC_API_HOST to the region of the workspace.`,
  tracking_plan_unknown: ({ planId }) =>
    `The workspace has no tracking plan ${visibleInLine(planId)}: correct SEGMENT_TRACKING_PLAN_ID or --plan. The id is the end of the plan's URL in Segment.`,
  segment_api_failed: ({ status, why }) =>
    `Segment's Public API ${status === null ? 'did not answer' : `answered ${status}`}: ${visibleInLine(why)}. Try again later; the command is safe to repeat.`,
  tracking_plan_differs: ({ planId, keys }) =>
    `Segment took the rules, and the plan ${visibleInLine(planId)} still differs: ${keys.map(visibleInLine).join(', ')}. Compare it with contracts/generated/tracking-plan.json.`,
  limits_unsupported: () =>
    'This Temporal server is too old to limit a task queue: update it. Nothing was changed.',
  calls_per_activity_unknown: ({ days }) =>
    `Nothing waits, and no batch of the last ${days} days was activated, so that it is not known how many calls an activity makes: say it with --calls. Nothing was changed.`,
  registry_unusable: ({ file, problems }) =>
    `${visibleInLine(file)} was not changed: ${problems.map(visibleInLine).join('; ')}. See partners.example.yaml.`,
  registry_not_writable: ({ file, why }) =>
    `${visibleInLine(file)} cannot be written here: ${visibleInLine(why)}. Where it is mounted, as from a ConfigMap of Kubernetes, change activation.enabled or activation.google_ads of the partner where the file comes from. Nothing was changed.`,
  registry_changing: ({ file }) =>
    `${visibleInLine(file)} is being edited by somebody else: give the command again. Nothing was changed.`,
  person_invalid: () =>
    'Say who is to be erased: --partner and --customer, as the events have them. Nothing was changed.',
  reason_names_person: () =>
    '--reason has the customer id, and the receipt keeps the reason: say it without the person. Nothing was changed.',
  replay_too_large: ({ messages, bytes }) =>
    `This would publish ${messages} messages with ${bytesOf(bytes)} bytes. Look at it with --dry-run, select less, or confirm it with --yes. Nothing was published.`,
  checkpoint_unusable: ({ file, why }) =>
    `${visibleInLine(file)} cannot be used as the checkpoint of a replay: ${visibleInLine(why)}. Name another file.`,
  checkpoint_taken: ({ file }) =>
    `${visibleInLine(file)} is the checkpoint of a replay that has begun: leave the selection out to continue it, or name another file. Nothing was published.`,
  period_reversed: ({ since, until }) =>
    `--since ${since.toISOString()} is not before --until ${until.toISOString()}: exchange them.`,
  batch_not_editable: () =>
    'its batch could not be read, so that there is nothing to edit yet. Redrive it as it is; what breaks the contract then stays open and can be edited.',
  batch_unreadable: ({ why }) =>
    `this version cannot read its batch either: ${why}. Redrive it with the version whose bridge wrote it, or discard it; its bytes stay in streaming.audit_log.`,
  bytes_missing: ({ messageId }) =>
    `the bytes of message ${messageId} are neither in streaming.dead_letter nor in streaming.audit_log. Give them with --events, or discard the dead letter.`,
  message_too_large: ({ messageId, bytes, limit }) =>
    `message ${messageId} has ${bytesOf(bytes)} bytes, and an event may have ${bytesOf(limit)}. ${MAKE_SMALLER}`,
  redrive_too_large: ({ isChanged, bytes, limit }) =>
    `its events${isChanged ? ' and what was changed about them' : ''} have ${bytesOf(bytes)} bytes, and a redrive carries ${bytesOf(limit)}. ${isChanged ? CORRECT_FEWER : MAKE_SMALLER}`,
  returned_too_often: ({ messageId, times }) =>
    `message ${messageId} has come back from the retry topic ${times} times and fails all the same. Correct it (--patch, --events) and redrive it without --via-topic, or discard it.`,
  no_room_for_lineage: ({ messageId, attributes }) =>
    `message ${messageId} has no room for ${attributes.join(', ')}: Pub/Sub takes 100 attributes and 10 MB. Redrive it without --via-topic.`,
}

const WHY_NOT: Readonly<Record<ErrorDetails['patch_not_applicable']['why'], string>> = {
  not_an_object: 'it is no JSON object',
  test_failed: 'another value is there',
  no_such_place: 'there is no such place in it',
}
