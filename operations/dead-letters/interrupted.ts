// Says what was left half way by a command that hands on dead letters, and how it goes on.

import { status } from '@grpc/grpc-js'
import { isGrpcServiceError, ServiceError } from '@temporalio/client'
import { BigQueryError } from '../google.ts'

/** Whatever else gRPC says is Temporal's answer. */
const SILENCE: ReadonlySet<status> = new Set([
  status.UNAVAILABLE,
  status.DEADLINE_EXCEEDED,
  status.CANCELLED,
])

/** What was started before goes on, whatever ends the work half way. */
export function halfWay(error: unknown): never {
  if (!(error instanceof ServiceError || error instanceof BigQueryError)) throw error
  const { cause } = error
  throw new Error(wordsOf(error), { cause })
}

function wordsOf(error: ServiceError | BigQueryError): string {
  const { cause, message } = error
  if (error instanceof BigQueryError) return `${message} ${GO_ON}`
  if (!isGrpcServiceError(cause)) return refused(message)
  return SILENCE.has(cause.code)
    ? `Temporal does not answer any more. ${GO_ON}`
    : refused(cause.details || message)
}

const refused = (words: string) =>
  `Temporal refused: ${words.replace(/\.$/, '')}. Runs that were started go on by themselves.`

const GO_ON =
  'Runs that were started go on by themselves, and nothing is lost; once it answers, the same command goes on with what is open.'
