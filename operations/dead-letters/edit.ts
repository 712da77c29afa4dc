// What is changed about events before they are sent again. The original stays as it was in the tables.

import type { StoredEvent } from '#warehouse/sql/dead-letter-stored-events'

/** What was changed, as it is kept in `streaming.dead_letter_log`. */
export type Change =
  | { readonly patch: unknown }
  | { readonly text: string }
  | { readonly base64: string }

/**
 * @returns null where the event stays as it is
 * @throws OperationError `patch_not_applicable`
 */
export type Edit = (event: StoredEvent) => { readonly data: Buffer; readonly change: Change } | null

export const unchanged: Edit = () => null
