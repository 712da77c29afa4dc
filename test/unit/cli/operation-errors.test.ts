// Every problem of an operation is one line that says what is wrong and what to do, and ends the command with its exit code.

import { expect, test } from '@jest/globals'
import {
  type ErrorCode,
  type ErrorDetails,
  LetterRefusedError,
  OperationError,
} from '#operations/errors'
import { explainError } from '../../../cli/explain-error.ts'

const letter = 'dead-letter/batch-1/dealer-7/validation'
const place = { source: 'events.ndjson', line: 3 }

const DETAILS: { readonly [Code in ErrorCode]: ErrorDetails[Code] } = {
  selection_ambiguous: {},
  letter_unknown: { text: 'ffff' },
  letter_id_too_short: { text: 'ff', digits: 4 },
  letter_id_ambiguous: { text: 'batch', letters: [letter, `${letter}/1`] },
  letter_closed: { letter },
  partner_not_in_letter: { letter, partner: 'dealer-8' },
  partner_not_selected: { letters: [letter], partner: 'dealer-8' },
  query_refused: { query: 'X = 1', why: 'invalid' },
  query_unreadable: { query: 'partner' },
  filter_unknown: { name: 'parner' },
  filter_value_unknown: { name: 'stage', value: 'x', choices: ['validation', 'staging'] },
  filter_time_unreadable: { name: 'since', value: 'soon' },
  actor_invalid: { maxLength: 64 },
  reason_invalid: { maxLength: 1000 },
  patch_not_json: { source: '--patch' },
  patch_invalid: { source: '--patch', place: '0.op', issue: 'has no operation' },
  patch_not_applicable: {
    letter,
    messageId: 'm1',
    number: 2,
    op: 'test',
    path: '/amount',
    why: 'test_failed',
  },
  edited_events_empty: { source: 'events.ndjson' },
  edited_line_not_json: place,
  edited_line_invalid: place,
  edited_line_repeated: { ...place, messageId: 'm1' },
  edited_line_foreign: { ...place, messageId: 'm1', letter },
  edited_letter_not_selected: { letter },
  worker_missing: { taskQueue: 'car-events' },
  retry_topic_missing: { topic: 'car-events-retry' },
  temporal_lost: {},
  temporal_refused: { why: 'No write access.' },
  bigquery_lost: { why: 'BigQuery does not answer.' },
  variable_missing: { variable: 'SEGMENT_PUBLIC_API_TOKEN' },
  segment_api_denied: { status: 403 },
  tracking_plan_unknown: { planId: 'tp_1' },
  segment_api_failed: { status: 503, why: 'try later' },
  tracking_plan_differs: { planId: 'tp_1', keys: ['Order Completed'] },
  limits_unsupported: {},
  calls_per_activity_unknown: { days: 7 },
  registry_unusable: { file: 'partners.yaml', problems: ['line 7: no'] },
  registry_not_writable: { file: '/etc/partners.yaml', why: 'EROFS: read-only file system' },
  registry_changing: { file: 'partners.yaml' },
  person_invalid: {},
  reason_names_person: {},
  replay_too_large: { messages: 200_000, bytes: 90_000_000 },
  checkpoint_unusable: { file: 'replay.json', why: 'it is not JSON' },
  checkpoint_taken: { file: 'replay.json' },
  period_reversed: { since: new Date('2026-11-21'), until: new Date('2026-11-20') },
  batch_not_editable: { letter },
  batch_unreadable: { letter, why: 'it is damaged' },
  bytes_missing: { letter, messageId: 'm1' },
  message_too_large: { letter, messageId: 'm1', bytes: 1_048_577, limit: 1_048_576 },
  redrive_too_large: { letter, isChanged: true, bytes: 2_000_001, limit: 2_000_000 },
  returned_too_often: { letter, messageId: 'm1', times: 5 },
  no_room_for_lineage: { letter, messageId: 'm1', attributes: ['redrive_of', 'redrive_attempt'] },
}

/** What a person must find in the sentence. */
const WORDS: { readonly [Code in ErrorCode]: RegExp } = {
  selection_ambiguous:
    /^Say which dead letters, in one way: ids, or --query, or --all .*\. Nothing was changed\.$/,
  letter_unknown: /^There is no dead letter ffff: `npm run dlq -- list --all`/,
  letter_id_too_short: /^ff is too short: give at least four digits/,
  letter_id_ambiguous: /^batch begins 2 ids, such as [0-9a-f]{8}, [0-9a-f]{8}: give more/,
  letter_closed: /^[0-9a-f]{8} is closed, .*: npm run dlq -- show [0-9a-f]{8}$/,
  partner_not_in_letter: /^[0-9a-f]{8} has no event of dealer-8\. .* show [0-9a-f]{8}$/,
  partner_not_selected: /^[0-9a-f]{8} has no event of dealer-8\. .*\. Nothing was changed\.$/,
  query_refused: /^Temporal does not take --query "X = 1": invalid\. .* partner, stage, reason/,
  query_unreadable: /^--query "partner" is no list of filters/,
  filter_unknown: /^There is no filter parner: partner, stage, reason, type, since, until\./,
  filter_value_unknown: /^--query: stage=x is none of validation, staging\.$/,
  filter_time_unreadable: /^--query: since=soon cannot be used\. It must be 30m, 12h/,
  actor_invalid: /^--actor is no name: give one line of at most 64 characters/,
  reason_invalid: /^--reason cannot be used: give one line of at most 1000 characters/,
  patch_not_json: /^--patch is not JSON\. An example.*Nothing was redriven\.$/,
  patch_invalid: /^--patch is no JSON Patch \(RFC 6902\) at 0\.op: has no operation\./,
  patch_not_applicable:
    /^The patch does not apply to message m1 of dead-letter\/.*: operation 2 \(test \/amount\) fails, another value is there\. Nothing was redriven;/,
  edited_events_empty: /^events\.ndjson is empty: .*Nothing was redriven\.$/,
  edited_line_not_json: /^Line 3 of events\.ndjson is not JSON: .*Nothing was redriven\.$/,
  edited_line_invalid: /^Line 3 of events\.ndjson is no line of `show --export`/,
  edited_line_repeated: /^Line 3 of events\.ndjson is message m1 a second time/,
  edited_line_foreign: /^Line 3 of events\.ndjson: message m1 is no event of dead-letter\//,
  edited_letter_not_selected: /^The file has events of dead-letter\/.*, which was not selected\./,
  worker_missing: /^No worker serves task queue car-events: start one/,
  retry_topic_missing: /^Topic car-events-retry does not exist, .*`npm run setup`/,
  temporal_lost: /^Temporal does not answer any more\. Runs that were started continue/,
  temporal_refused: /^Temporal refused: No write access\. Runs that were started continue/,
  bigquery_lost: /^BigQuery does not answer\. Runs that were started continue/,
  variable_missing: /^SEGMENT_PUBLIC_API_TOKEN is not set: see \.env\.example\.$/,
  segment_api_denied: /answered 403: set SEGMENT_PUBLIC_API_TOKEN .* SEGMENT_PUBLIC_API_HOST/,
  tracking_plan_unknown: /no tracking plan tp_1: correct SEGMENT_TRACKING_PLAN_ID or --plan\./,
  segment_api_failed: /answered 503: try later\. Try again later/,
  tracking_plan_differs: /the plan tp_1 still differs: Order Completed\./,
  limits_unsupported: /^This Temporal server is too old .*: update it\. /,
  calls_per_activity_unknown: /^Nothing waits, .* 7 days .*: say it with --calls\./,
  registry_unusable: /^partners\.yaml was not changed: line 7: no\. See partners\.example\.yaml\.$/,
  registry_not_writable: /^\/etc\/partners\.yaml cannot be written here: EROFS.* ConfigMap/,
  registry_changing: /^partners\.yaml is being edited .*: give the command again\./,
  person_invalid: /^Say who is to be erased: --partner and --customer, .*\. Nothing was changed\.$/,
  reason_names_person: /^--reason has the customer id, .*\. Nothing was changed\.$/,
  replay_too_large: /200,?000 messages .* --yes/,
  checkpoint_unusable: /replay\.json .* it is not JSON/,
  checkpoint_taken: /replay\.json .* continue/,
  period_reversed: /^--since 2026-11-21T.* is not before --until 2026-11-20T.*: exchange them\.$/,
  batch_not_editable: /^its batch could not be read, so that there is nothing to edit yet\./,
  batch_unreadable: /^this version cannot read its batch either: it is damaged\. /,
  bytes_missing: /^the bytes of message m1 are neither in /,
  message_too_large: /^message m1 has 1,048,577 bytes, and an event may have 1,048,576\. /,
  redrive_too_large:
    /^its events and what was changed about them have 2,000,001 bytes, and a redrive carries 2,000,000\. Correct fewer/,
  returned_too_often: /^message m1 has come back from the retry topic 5 times/,
  no_room_for_lineage: /^message m1 has no room for redrive_of, redrive_attempt: /,
}

const isCode = (name: string): name is ErrorCode => name in DETAILS
const CODES = Object.keys(DETAILS).filter(isCode)

function problemOf<Code extends ErrorCode>(code: Code): OperationError<Code> {
  return new OperationError(code, DETAILS[code])
}

const worded = (error: OperationError) => {
  const told = explainError(error)
  if (!(told instanceof Error && 'exitCode' in told)) throw new Error('it is not worded')
  return { message: told.message, exitCode: told.exitCode, cause: told.cause }
}

const OF_A_LETTER = new LetterRefusedError('bytes_missing', DETAILS.bytes_missing)

test.each(CODES)('%s is one line with what is wrong and what to do', (code) => {
  const { message } = worded(problemOf(code))
  expect(message).not.toContain('\n')
  expect(message).toMatch(WORDS[code])
})

test('a refusal of one dead letter names it, and says that nothing was redriven', () => {
  expect(worded(OF_A_LETTER).message).toMatch(
    /^[0-9a-f]{8} \(dead-letter\/batch-1\/dealer-7\/validation\): the bytes of message m1 .* Nothing was redriven\.$/,
  )
})

test('what is wrong with the command ends it with 2, and a service that stopped answering with 1', () => {
  const failed = CODES.filter((code) => worded(problemOf(code)).exitCode === 1)
  expect(failed).toEqual(['temporal_lost', 'temporal_refused', 'bigquery_lost'])
  expect(CODES.filter((code) => worded(problemOf(code)).exitCode === 2)).toHaveLength(
    CODES.length - failed.length,
  )
  expect(worded(OF_A_LETTER).exitCode).toBe(2)
})

test('the cause of an interruption is told, too', () => {
  const cause = new Error('14 UNAVAILABLE')
  expect(worded(new OperationError('temporal_lost', {}, cause)).cause).toBe(cause)
})

test('any other error stays what it is', () => {
  const error = new TypeError('ours')
  expect(explainError(error)).toBe(error)
})
