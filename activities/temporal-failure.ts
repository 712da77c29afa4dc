// Classifies an error of Temporal's client: the request is refused until a person fixes the cause, or Temporal is unavailable.

import { log } from '@temporalio/activity'
import { ServiceError } from '@temporalio/client'
import type { ApplicationFailure } from '@temporalio/common'
import { SEARCH_ATTRIBUTES } from '#contracts'
import { excerptOf } from '#runtime/remote-text'
import { failure } from '#runtime/service-error'
import { codeOf, GRPC, grpcName } from '#runtime/status-codes'

/** Temporal answers INVALID_ARGUMENT where, for example, a search attribute is not registered. */
const REFUSALS: ReadonlySet<unknown> = new Set([GRPC.INVALID_ARGUMENT, GRPC.PERMISSION_DENIED])

/**
 * Must be called inside an activity: Temporal's own message goes to the log of that activity, at debug level.
 * @param what the beginning of the message; the status follows, and the names of search attributes that Temporal mentions
 */
export function temporalFailure(what: string, error: unknown): ApplicationFailure {
  const cause = error instanceof ServiceError ? error.cause : error
  const said = cause instanceof Error ? cause.message : String(cause)
  const code = codeOf(cause)
  log.debug('what Temporal said of a request that failed', { said: excerptOf(said) })
  const named = Object.keys(SEARCH_ATTRIBUTES).filter((name) => said.includes(name))
  const about = named.length > 0 ? ` (${named.join(', ')})` : ''
  return failure(
    REFUSALS.has(code) ? 'temporal_setup' : 'temporal_unavailable',
    `${what}: ${answerOf(code)}${about}`,
  )
}

function answerOf(code: unknown): string {
  const name = grpcName(code)
  return name ? `answered ${name}` : 'no answer'
}
