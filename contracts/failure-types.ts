// The failures that workflows distinguish. Their meanings stay in `failures.ts`: every run of a workflow evaluates what it imports.

import type { FailureType } from './failures.ts'

/** The type of the failure of a step whose worker cannot read the batch. */
export const UNREADABLE_FAILURE = 'batch_unreadable' satisfies FailureType

/** The type of the failure of a step that a worker cannot finish. */
export const BATCH_OVERTIME = 'batch_overtime' satisfies FailureType

/** The details of a `batch_overtime` failure: the index of the message that was being read, where one was. */
export type OvertimeDetails = { readonly suspect: number | null }

/** The type of the failure of a batch of which only the change events were not published. */
export const UNPUBLISHED_FAILURE = 'change_events_unpublished'

/** The type of the failure a `deadLetter` workflow ends with, by design. */
export const DEAD_LETTER_FAILURE = 'dead_letter'
