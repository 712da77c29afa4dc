// What can stop an operation: a code for each problem, with what a person must know of it. Who shows it words it.

type Nothing = Readonly<Record<string, never>>

/** Why one dead letter cannot be resolved as asked; the others can. */
export type RefusalDetails = {
  /** Its batch could not be read, so that none of its events can be edited yet. */
  readonly batch_not_editable: { readonly letter: string }
  /** This version cannot read its batch either. */
  readonly batch_unreadable: { readonly letter: string; readonly why: string }
  /** The bytes of an event are in no table. */
  readonly bytes_missing: { readonly letter: string; readonly messageId: string }
  readonly message_too_large: {
    readonly letter: string
    readonly messageId: string
    readonly bytes: number
    readonly limit: number
  }
  /** Its events, and where `isChanged` what was changed about them, are more than a run carries. */
  readonly redrive_too_large: {
    readonly letter: string
    readonly isChanged: boolean
    readonly bytes: number
    readonly limit: number
  }
  /** An event came back from the retry topic `times` times. */
  readonly returned_too_often: {
    readonly letter: string
    readonly messageId: string
    readonly times: number
  }
  /** Pub/Sub would not take the message with these attributes. */
  readonly no_room_for_lineage: {
    readonly letter: string
    readonly messageId: string
    readonly attributes: readonly string[]
  }
}

/** Why an operation did nothing, or stopped. */
export type ErrorDetails = RefusalDetails & {
  /** None or several of ids, a query and all were given. */
  readonly selection_ambiguous: Nothing
  readonly letter_unknown: { readonly text: string }
  readonly letter_id_too_short: { readonly text: string; readonly digits: number }
  readonly letter_id_ambiguous: { readonly text: string; readonly letters: readonly string[] }
  readonly letter_closed: { readonly letter: string }
  /** None of the events of the dead letter to be shown are of this partner. */
  readonly partner_not_in_letter: { readonly letter: string; readonly partner: string }
  /** None of the events of these selected dead letters are of this partner. */
  readonly partner_not_selected: { readonly letters: readonly string[]; readonly partner: string }
  /** Temporal does not take the query. */
  readonly query_refused: { readonly query: string; readonly why: string }
  readonly query_unreadable: { readonly query: string }
  readonly filter_unknown: { readonly name: string }
  readonly filter_value_unknown: {
    readonly name: string
    readonly value: string
    readonly choices: readonly string[]
  }
  readonly filter_time_unreadable: { readonly name: string; readonly value: string }
  readonly actor_invalid: { readonly maxLength: number }
  readonly reason_invalid: { readonly maxLength: number }
  /** `source` is where the patch came from: a file, or the option. */
  readonly patch_not_json: { readonly source: string }
  /** `place` is the path within the patch, empty for all of it. */
  readonly patch_invalid: {
    readonly source: string
    readonly place: string
    readonly issue: string
  }
  /** The operation of this number, from 1, fails. */
  readonly patch_not_applicable: {
    readonly letter: string
    readonly messageId: string
    readonly number: number
    readonly op: string
    readonly path: string
    readonly why: 'not_an_object' | 'test_failed' | 'no_such_place'
  }
  readonly edited_events_empty: { readonly source: string }
  readonly edited_line_not_json: { readonly source: string; readonly line: number }
  readonly edited_line_invalid: { readonly source: string; readonly line: number }
  readonly edited_line_repeated: {
    readonly source: string
    readonly line: number
    readonly messageId: string
  }
  /** The dead letter of the line never had such an event. */
  readonly edited_line_foreign: {
    readonly source: string
    readonly line: number
    readonly messageId: string
    readonly letter: string
  }
  /** The edited events are also of a dead letter that was not selected. */
  readonly edited_letter_not_selected: { readonly letter: string }
  readonly worker_missing: { readonly taskQueue: string }
  readonly retry_topic_missing: { readonly topic: string }
  /** Temporal stopped answering; runs that were started continue. */
  readonly temporal_lost: Nothing
  /** Temporal refused a call; runs that were started continue. */
  readonly temporal_refused: { readonly why: string }
  /** BigQuery stopped answering; runs that were started continue. */
  readonly bigquery_lost: { readonly why: string }
  /** A variable that the operation needs is not set. */
  readonly variable_missing: { readonly variable: string }
  /** Segment's Public API takes neither the token nor what it may do. */
  readonly segment_api_denied: { readonly status: number }
  readonly tracking_plan_unknown: { readonly planId: string }
  /** `status` is null where there was no answer. */
  readonly segment_api_failed: { readonly status: number | null; readonly why: string }
  /** The plan has other rules than those that were just sent. */
  readonly tracking_plan_differs: { readonly planId: string; readonly keys: readonly string[] }
  /** The Temporal server is too old to limit a task queue. */
  readonly limits_unsupported: Nothing
  /** Nothing waits, and no batch of the last days was activated. */
  readonly calls_per_activity_unknown: { readonly days: number }
  /** The partner registry cannot be read as one, or not be edited without changing more than was asked for. */
  readonly registry_unusable: { readonly file: string; readonly problems: readonly string[] }
  readonly registry_not_writable: { readonly file: string; readonly why: string }
  /** Somebody else edits the partner registry at the same time. */
  readonly registry_changing: { readonly file: string }
  /** The partner or the customer that is to be erased is empty, or is what replaces an erased one. */
  readonly person_invalid: Nothing
  /** The reason of an erasure has the customer id, and is recorded. */
  readonly reason_names_person: Nothing
  /** The replay is larger than one that is published without being confirmed. */
  readonly replay_too_large: { readonly messages: number; readonly bytes: number }
  /** The file of a replay cannot be read as one, or not be written. */
  readonly checkpoint_unusable: { readonly file: string; readonly why: string }
  /** A selection was given, and the file continues another replay. */
  readonly checkpoint_taken: { readonly file: string }
  readonly period_reversed: { readonly since: Date; readonly until: Date }
}

export type ErrorCode = keyof ErrorDetails
export type RefusalCode = keyof RefusalDetails

/** A problem as data: what an `OperationError` says, and the refusal of one dead letter. */
export type Problem<Code extends ErrorCode = ErrorCode> = {
  readonly code: Code
  readonly details: ErrorDetails[Code]
}

/** An operation cannot do what it was asked for. Its message is for logs; who shows it words `code` and `details`. */
export class OperationError<Code extends ErrorCode = ErrorCode> extends Error {
  override readonly name: string = 'OperationError'
  readonly code: Code
  readonly details: ErrorDetails[Code]

  constructor(code: Code, details: ErrorDetails[Code], cause?: unknown) {
    super(`${code}: ${JSON.stringify(details)}`, cause === undefined ? undefined : { cause })
    this.code = code
    this.details = details
  }
}

/** One dead letter cannot be resolved as asked, and was left as it is; others can. */
export class LetterRefusedError<
  Code extends RefusalCode = RefusalCode,
> extends OperationError<Code> {
  override readonly name = 'LetterRefusedError'
  /** The dead letter's workflow id. */
  readonly letter: string

  constructor(code: Code, details: ErrorDetails[Code] & { readonly letter: string }) {
    super(code, details)
    this.letter = details.letter
  }
}
