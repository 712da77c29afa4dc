// Lets only failures of the registry reach Temporal, because Temporal stores the message of every error of an activity.

import type { Context } from '@temporalio/activity'
import { ApplicationFailure, CancelledFailure } from '@temporalio/common'
import type { ActivityInterceptors } from '@temporalio/worker'
import { FAILURES } from '#contracts'
import { frames } from '#runtime/log'
import { excerptOf } from '#runtime/remote-text'
import { failure } from '#runtime/service-error'

/**
 * An interceptor of activities. An error that the code does not foresee becomes an `unexpected_error` without its
 * message and its causes, which may quote an event. The log of the activity has the stack trace, and at debug level the message.
 * A cancellation is not changed.
 */
export function onlyKnownFailures({ log, cancellationSignal }: Context): ActivityInterceptors {
  return {
    inbound: {
      execute: async (input, next) => {
        try {
          return await next(input)
        } catch (error) {
          if (isKnown(error) || (cancellationSignal.aborted && isCancellation(error))) throw error
          throw unexpected(error, log)
        }
      },
    },
  }
}

const isKnown = (error: unknown) =>
  error instanceof ApplicationFailure &&
  typeof error.type === 'string' &&
  error.type in FAILURES &&
  error.cause === undefined

const isCancellation = (error: unknown) =>
  error instanceof CancelledFailure || (error instanceof Error && error.name === 'AbortError')

function unexpected(error: unknown, log: Context['log']): ApplicationFailure {
  const name = classOf(error)
  const said = error instanceof Error ? error.message : String(error)
  log.error('an activity failed with an error that the code does not foresee', {
    error: name,
    at: frames(error),
  })
  log.debug('the message of the unforeseen error', { said: excerptOf(said) })
  const known = failure('unexpected_error', `The code does not foresee this error: ${name}`)
  known.stack = `${known.name}: ${known.message}\n${frames(error)}`
  return known
}

/** An error from an activity thread arrives as an ApplicationFailure, whose type is the name of the error. */
function classOf(error: unknown): string {
  if (error instanceof ApplicationFailure) return /^\w+$/.exec(error.type ?? '')?.[0] ?? error.name
  return error instanceof Error ? error.constructor.name : typeof error
}
