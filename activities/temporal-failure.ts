// Classes what Temporal's client threw: refused for good until a person mends it, or away for a while.

import { ServiceError } from '@temporalio/client'
import type { ApplicationFailure } from '@temporalio/common'
import { failure } from './classify-error.ts'

/** INVALID_ARGUMENT, for example a search attribute that is missing, and PERMISSION_DENIED. */
const REFUSALS: ReadonlySet<unknown> = new Set([3, 7])

/** @param what the sentence Temporal's own words follow */
export function temporalFailure(what: string, error: unknown): ApplicationFailure {
  const cause = error instanceof ServiceError ? error.cause : error
  const isRefused = cause instanceof Error && 'code' in cause && REFUSALS.has(cause.code)
  return failure(
    isRefused ? 'temporal_setup' : 'temporal_unavailable',
    `${what}: ${cause instanceof Error ? cause.message : String(cause)}`,
  )
}
