// The limits of sizes and times, each with its reason. Imports nothing.

/**
 * The bytes of data and attributes that one message of a batch may have.
 * Temporal refuses a payload over 2 MB and a request over 4 MB, and two activities that each
 * receive the batch are scheduled in one request; a larger message is cut into parts.
 */
export const MAX_MESSAGE_BYTES = 1024 * 1024

/** The bytes of data and attributes that one batch may have: base64 of bytes that do not compress still stays under 2 MB. */
export const MAX_BATCH_BYTES = 1.25 * 1024 * 1024

/** The bytes of one batch payload above which Temporal would refuse it; only a defect of the bridge can reach it. */
export const MAX_PAYLOAD_BYTES = 1.9 * 1000 * 1000

/**
 * The bytes of all arguments with which a workflow is started: Temporal refuses more than 2 MiB of them together, and
 * encryption and the names of payloads take a few hundred.
 */
export const MAX_INPUT_BYTES = 2 * 1024 * 1024 - 4_096

/** The bytes of JSON that one dead letter may have; more events are split into several dead letters. */
export const MAX_DEAD_LETTER_BYTES = 1_000_000

/**
 * The number of partners of one batch and stage that get a dead letter of their own: those with the most failed events. The
 * events of all other partners share one, so that a sender who invents a partner for each event opens a handful of workflows and
 * not thousands. On a bad day a batch has a handful of partners with failed events, and a person reads twenty lines. Where only
 * one partner is left over, it gets its own as well: at least two partners share a dead letter.
 */
export const MAX_PARTNERS_APART = 20

/** The characters of an id, a car model or another short text: Unicode code points, as JSON Schema and BigQuery count them. */
export const MAX_TEXT = 256

/** The levels of nesting that an event may have: enough for additional fields of any partner, and no danger to the stack of a parser. */
export const MAX_DEPTH = 32

export const MAX_FUTURE_MINUTES = 10

/** BigQuery refuses a partition timestamp older than this many days. */
export const MAX_AGE_DAYS = 1825

/** Google takes a click conversion for 90 days after the click, and an adjustment for 54 after the conversion. */
export const ADS_WINDOW_DAYS = { purchase: 90, cancellation: 54 } as const
