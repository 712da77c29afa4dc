// Reads what the failure of a run that handled a dead letter says.

import type { ApplicationFailure } from '@temporalio/common'

/** The error that caused all others. */
export function rootOf(error: Error): Error {
  return error.cause instanceof Error ? rootOf(error.cause) : error
}

/** Message ids of the events that failed again. */
export function idsOf({ details }: ApplicationFailure): string[] {
  const [detail]: unknown[] = details ?? []
  const ids: unknown =
    typeof detail === 'object' && detail !== null && 'messageIds' in detail ? detail.messageIds : []
  return Array.isArray(ids) ? ids.map(String) : []
}
