// The registry of failures that have nothing to do with an event: for each type its treatment, its meaning and what an operator does.
// Imports nothing.

/**
 * How a failure is treated.
 * - transient: retried with back-off for days
 * - throttled: retried after the pause the server asks for
 * - setup: retried slowly, until a person has fixed the cause
 * - bug: not retried, fails the workflow at once
 * What is wrong with a single row or call is a return value, with a reason of `sink-reasons.ts`, and never a failure.
 */
export type Treatment = 'transient' | 'throttled' | 'setup' | 'bug'

export type FailureSpec = {
  readonly treatment: Treatment
  readonly meaning: string
  readonly action: string
}

/** The pause between retries of a `setup` failure, such as a wrong key or a missing table. */
export const SETUP_RETRY_SECONDS = 60

export const FAILURES = {
  warehouse_unavailable: {
    treatment: 'transient',
    meaning:
      'BigQuery did not answer, or answered with a server error or an exhausted quota, or something else answered in its place.',
    action:
      'Nothing: it is retried with back-off. Check the BigQuery status page when it lasts, and the proxies in between where the message names another answer.',
  },
  warehouse_throttled: {
    treatment: 'throttled',
    meaning:
      'BigQuery refused the rate of requests, or a quota of its Storage Write API is used up.',
    action: 'Nothing: it is retried with back-off. Ask for more quota when it repeats.',
  },
  warehouse_setup: {
    treatment: 'setup',
    meaning:
      'BigQuery refused the credentials, or the dataset, a table or a column does not exist.',
    action:
      'Run `npm run setup`, or grant the worker roles/bigquery.dataEditor, and roles/bigquery.jobUser where a query is refused. Retries then succeed.',
  },
  warehouse_request: {
    treatment: 'bug',
    meaning: 'BigQuery refused the whole request as malformed.',
    action:
      'Report it with the workflow id. Nothing is lost: the sweep gives the events of a failed batch to dead letters.',
  },
  segment_unavailable: {
    treatment: 'transient',
    meaning:
      'Segment did not answer in time, reset the connection, answered with a server error or did not say that it accepts the calls.',
    action:
      'Nothing: it is retried with back-off. Check the Segment status page when it lasts, and SEGMENT_HOST and the proxies in between where the message names another answer.',
  },
  segment_throttled: {
    treatment: 'throttled',
    meaning: 'Segment answered 429 and said when to come back.',
    action:
      'Nothing: it is retried when Segment said. Lower WORKER_MAX_ACTIVITIES when it repeats.',
  },
  segment_setup: {
    treatment: 'setup',
    meaning:
      'Segment refused the write key, or SEGMENT_HOST is not a Segment endpoint; or its Public API refused the token.',
    action:
      'Set SEGMENT_WRITE_KEY and SEGMENT_HOST, or for the Public API SEGMENT_PUBLIC_API_TOKEN and SEGMENT_PUBLIC_API_HOST, and restart the worker. Retries then succeed.',
  },
  segment_request: {
    treatment: 'bug',
    meaning: 'Segment’s Public API refused a request as invalid.',
    action:
      'Report it with the workflow id. An erasure ends without the deletion at Segment, and its receipt says how to ask for it by hand.',
  },
  temporal_unavailable: {
    treatment: 'transient',
    meaning: 'Temporal did not take the start of a dead letter, or the deletion of its old runs.',
    action: 'Nothing: it is retried with back-off.',
  },
  temporal_setup: {
    treatment: 'setup',
    meaning:
      'Temporal refused the start of a dead letter, mostly for a search attribute it does not know, or the worker may not delete old runs.',
    action: 'Run `npm run setup`, or let the worker write to the namespace. Retries then succeed.',
  },
  pubsub_unavailable: {
    treatment: 'transient',
    meaning:
      'Pub/Sub did not take change events: it did not answer, answered with a server error or an exhausted quota, or something else answered in its place.',
    action:
      'Nothing: it is retried with back-off. The events of the batch are staged, and are activated meanwhile.',
  },
  pubsub_setup: {
    treatment: 'setup',
    meaning:
      'Pub/Sub refused change events: their topic does not exist, the worker may not publish to it, or a schema of the topic does not take them. Or this worker has no CHANGE_EVENTS_TOPIC, and the worker that validated the batch had one.',
    action:
      'Run `npm run setup` with CHANGE_EVENTS_TOPIC set, grant the worker roles/pubsub.publisher on the topic, and set CHANGE_EVENTS_TOPIC on every worker. Retries then succeed.',
  },
  dead_letters_paced: {
    treatment: 'throttled',
    meaning:
      'A worker opens 20 dead letters a second, and more are waiting: live traffic goes first.',
    action:
      'Nothing: they are opened within half a minute. Where it repeats, look at `npm run dlq -- summary` for who sends what.',
  },
  alert_unavailable: {
    treatment: 'transient',
    meaning: 'The webhook of ALERT_WEBHOOK_URL did not take an alert.',
    action:
      'Nothing: the next sweep tells it again, with what is new. Check ALERT_WEBHOOK_URL when it repeats.',
  },
  unexpected_error: {
    treatment: 'transient',
    meaning: 'A defect: the step failed with an error that the code does not foresee.',
    action:
      'Report it with the workflow id and the error of the worker log. It is retried meanwhile.',
  },
  batch_unreadable: {
    treatment: 'bug',
    meaning: 'The batch payload is not what the bridge writes.',
    action:
      'Redrive its dead letter, which has the payload, with a version that reads it. Report it where no version does.',
  },
  batch_overtime: {
    treatment: 'bug',
    meaning:
      'An activity held its thread, or used up its memory, although nothing else ran there: one message is too much for it.',
    action:
      'Nothing: the batch is cut into pieces until the message stands alone, which becomes a dead letter with the reason `poison`. Where a workflow fails with it, report it with the workflow id.',
  },
} as const satisfies Record<string, FailureSpec>

export type FailureType = keyof typeof FAILURES

/** The details of a failure: the seconds that the server asked to wait before the next call, where it asked. */
export type FailureDetails = readonly [retryAfterSeconds: number] | readonly []
