// SQL that views and statements share: what a row of the tables is.

/** A row of an earlier version has no content hash, and counts as one version of its event. */
export const CONTENTS = "COALESCE(content_hash, '')"

/** True for a row of `dead_letter` with which nothing is wrong: its batch ended before its time. */
export const IS_ENDED = "STARTS_WITH(ARRAY_TO_STRING(reasons, ','), 'batch_')"

/** The batch of a row: one that was split has children, whose ids have a slash and a number behind its own. */
export const ROOT_BATCH = "REGEXP_EXTRACT(batch_id, r'^[^/]+')"

/** True for the row that keeps the bytes of a whole batch which could not be read: it is no message. */
export const IS_WHOLE_BATCH = 'message_id = batch_id'

/** True for a row whose event id is derived. A row of an earlier version has no content hash. */
export const IS_DERIVED =
  "IF(content_hash IS NULL, STARTS_WITH(event_id, 'derived-'), event_id = CONCAT('derived-', content_hash))"
