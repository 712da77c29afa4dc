// What can go wrong between this process and BigQuery, in one typed form.

import { withoutSecrets } from '#runtime/secrets'
import type { ServiceError } from '#runtime/service-error'
import { HTTP } from '#runtime/status-codes'
import { UnexpectedAnswerError } from './answer.ts'
import { toFault } from './google-error.ts'

/** Each code asks a person, or a program, for another reaction. */
export type BigQueryErrorCode =
  /** There was no answer, or BigQuery is down: the request may be made again. */
  | 'unreachable'
  /** There are no credentials, or they are refused. */
  | 'no_credentials'
  /** The account has no right to do this. */
  | 'not_permitted'
  /** A table or dataset does not exist. */
  | 'table_missing'
  /** A quota or a rate limit is exhausted. */
  | 'throttled'
  /** Something answered with a success, and not as BigQuery does; or rows are missing from the answer. */
  | 'not_an_answer'
  /** A row has another form than the statement's schema: a defect of this program or of the table. */
  | 'unexpected_row'
  /** BigQuery refused the statement; the message is BigQuery's own. */
  | 'refused'

/** Which BigQuery was asked. */
export type BigQueryPlace = {
  readonly projectId: string
  /** The URL of a local BigQuery; undefined for Google's own. An error has it without a password. */
  readonly endpoint?: string | undefined
}

type Details = {
  readonly code: BigQueryErrorCode
  readonly place: BigQueryPlace
  /** For the failure registry of the activities. */
  readonly fault: ServiceError
  readonly cause?: unknown
}

/** Its message is what BigQuery or the client said, and may quote the statement and its parameters. */
export class BigQueryError extends Error {
  override readonly name = 'BigQueryError'
  readonly code: BigQueryErrorCode
  readonly place: BigQueryPlace
  readonly fault: ServiceError

  constructor(message: string, { code, place, fault, cause }: Details) {
    super(message, cause === undefined ? {} : { cause })
    this.code = code
    this.place = withoutPassword(place)
    this.fault = fault
  }
}

const withoutPassword = ({ projectId, endpoint }: BigQueryPlace): BigQueryPlace => ({
  projectId,
  endpoint: endpoint && withoutSecrets(endpoint),
})

/** @param error whatever Google's client threw; a BigQueryError stays itself */
export function toBigQueryError(error: unknown, place: BigQueryPlace): BigQueryError {
  if (error instanceof BigQueryError) return error
  const fault = toFault(error)
  const message = error instanceof Error ? error.message : String(error)
  const cause = error instanceof Error ? error.cause : undefined
  return new BigQueryError(message, { code: codeOf(error, fault), place, fault, cause })
}

/** Whether the connection failed before there was an answer of any kind. */
export const isConnectionLost = (error: unknown): boolean =>
  error instanceof BigQueryError && error.code === 'unreachable' && error.fault.status === undefined

const BY_STATUS: Readonly<Record<number, BigQueryErrorCode>> = {
  [HTTP.UNAUTHORIZED]: 'no_credentials',
  [HTTP.FORBIDDEN]: 'not_permitted',
  [HTTP.NOT_FOUND]: 'table_missing',
  [HTTP.TOO_MANY_REQUESTS]: 'throttled',
  // The local BigQuery answers it for a statement that it does not support.
  [HTTP.NOT_IMPLEMENTED]: 'refused',
}

/** BigQuery answers 403 both for a missing grant and for an exhausted quota. */
const QUOTA_REASONS: ReadonlySet<unknown> = new Set([
  'quotaExceeded',
  'rateLimitExceeded',
  'jobRateLimitExceeded',
])

function codeOf(error: unknown, { status, reason, isSignIn }: ServiceError): BigQueryErrorCode {
  if (error instanceof UnexpectedAnswerError) return 'not_an_answer'
  if (isSignIn) return 'no_credentials'
  if (QUOTA_REASONS.has(reason)) return 'throttled'
  if (status === undefined) return isNetwork(error) ? 'unreachable' : 'refused'
  if (status < 300) return 'not_an_answer'
  return BY_STATUS[status] ?? (status >= 500 ? 'unreachable' : 'refused')
}

/** Node's codes, or the client's words where it gives no code. */
const NETWORK =
  /\bE(CONN[A-Z]{1,16}|PIPE|TIMEDOUT|NOTFOUND|AI_AGAIN|HOSTUNREACH|NETUNREACH)\b|timeout|socket hang up|premature.close|fetch failed/i

function isNetwork(error: unknown): boolean {
  if (!(error instanceof Error)) return NETWORK.test(String(error))
  const code = 'code' in error ? String(error.code) : ''
  return NETWORK.test(`${code} ${error.message}`) || isNetworkCause(error.cause)
}

const isNetworkCause = (cause: unknown) => cause !== undefined && isNetwork(cause)
