// In a file of its own, because every run of a workflow evaluates what it imports.

import type { SinkReason } from './sink-reasons.ts'

/** The reason of a message that a worker cannot finish processing: it blocks its thread, or uses up the memory. */
export const POISON = 'poison' satisfies SinkReason
