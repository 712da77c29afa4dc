// The sizes everything else is cut to, each with its reason. Imports nothing.

/**
 * Bytes of data and attributes one message may have to travel inside a batch.
 * Temporal refuses a payload over 2 MB and a request over 4 MB, and two activities that each
 * receive the batch are scheduled in one request; a message over this is carried in parts.
 */
export const MAX_MESSAGE_BYTES = 1024 * 1024

/** Bytes of data and attributes one batch may have: base64 of bytes that do not compress still stays under 2 MB. */
export const MAX_BATCH_BYTES = 1.25 * 1024 * 1024

/** Bytes of one encoded batch past which Temporal would refuse it; reached only by a defect of the bridge. */
export const MAX_PAYLOAD_BYTES = 1.9 * 1000 * 1000

/**
 * Bytes of everything a workflow is started with: Temporal refuses more than 2 MiB of all its arguments together, and
 * encryption and the names of payloads take a few hundred.
 */
export const MAX_INPUT_BYTES = 2 * 1024 * 1024 - 4_096

/** Bytes of readable JSON one dead letter may carry; more is split into several. */
export const MAX_DEAD_LETTER_BYTES = 1_000_000

/**
 * Partners of one batch and stage that get a dead letter of their own: those with the most failed events. The events
 * of all others share one, so that a sender who invents a partner for each event opens a handful of workflows, not
 * thousands. A batch has a handful of partners with failed events on a bad day, and a person reads twenty lines.
 * One partner more gets its own as well: a dead letter is shared by two at least.
 */
export const MAX_PARTNERS_APART = 20

/** Characters of an id, a car model or a partner's word for something: Unicode code points, as JSON Schema and BigQuery count them. */
export const MAX_TEXT = 256

/** Levels of nesting an event may have: enough for any partner's extras, far from a parser's stack. */
export const MAX_DEPTH = 32

export const MAX_FUTURE_MINUTES = 10

/** BigQuery refuses a partition timestamp older than this many days. */
export const MAX_AGE_DAYS = 1825

/** Google takes a click conversion for 90 days after the click, and an adjustment for 54 after the conversion. */
export const ADS_WINDOW_DAYS = { purchase: 90, cancellation: 54 } as const
