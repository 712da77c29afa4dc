// Classifies what a client says of a call that failed as a failure of the registry (contracts/failures.ts): the answers of
// BigQuery and of Segment, by HTTP status, gRPC status or reason.

import { ApplicationFailure } from '@temporalio/common'
import { FAILURES, type FailureDetails, type FailureType, SETUP_RETRY_SECONDS } from '#contracts'
import { GRPC, grpcName, HTTP, isHttpClientError, isHttpRedirect } from './status-codes.ts'

/** What a client could tell of a call that did not succeed. */
export type ServiceError = {
  /** HTTP status; undefined where there was no answer. */
  readonly status?: number | undefined
  /** gRPC status, instead of an HTTP one, where the call was made over gRPC. */
  readonly grpcStatus?: number | undefined
  /** The service's own word, such as BigQuery's `rateLimitExceeded`: one of a known list, never free text. */
  readonly reason?: string | undefined
  readonly retryAfterSeconds?: number | undefined
  /** The credentials were refused before the service was asked at all. */
  readonly isSignIn?: boolean
  /** The request has more bytes than the service, or a proxy in front of it, takes. */
  readonly isTooLarge?: boolean
  /** By this the service finds the request in its own logs. */
  readonly requestId?: string | undefined
  /** More of it, in our own words. */
  readonly message?: string | undefined
  /** What the service said. It may quote what it was sent: it goes to the log at debug level, and nowhere else. */
  readonly said?: string | undefined
}

/** A server that asks for days would outlast the activity's own limit; asking it again each hour floods nobody. */
const MAX_RETRY_AFTER_SECONDS = 60 * 60

/**
 * The failure to throw out of an activity, treated as the registry says. A server that asks for no pause
 * at all gets the policy's back-off.
 * Messages are our own words with the status and the request id: they show in the Temporal UI and in the log. There is
 * no cause, since Temporal stores its message too.
 */
export function failure(
  type: FailureType,
  message: string,
  fault?: ServiceError,
): ApplicationFailure {
  const { treatment } = FAILURES[type]
  const asked = Math.min(fault?.retryAfterSeconds ?? 0, MAX_RETRY_AFTER_SECONDS)
  const details: FailureDetails = asked > 0 ? [asked] : []
  const delay = treatment === 'setup' ? SETUP_RETRY_SECONDS : asked
  return ApplicationFailure.create({
    type,
    message,
    nonRetryable: treatment === 'bug',
    // The SDK does not show a workflow the retry delay of a failed activity.
    details: [...details],
    ...(delay > 0 && { nextRetryDelay: delay * 1000 }),
  })
}

/** BigQuery answers 403 both for a missing grant and for an exhausted quota: its reason tells. */
export function warehouseFailure(table: string, fault: ServiceError): ApplicationFailure {
  return failure(warehouseType(fault), `BigQuery ${table}: ${describe(fault)}`, fault)
}

export function segmentFailure(fault: ServiceError): ApplicationFailure {
  return failure(segmentType(fault), `Segment: ${describe(fault)}`, fault)
}

/** True where the service refused what was sent, so that sending less of it may succeed. */
export function isRefusal(fault: ServiceError): boolean {
  const { status, grpcStatus, reason, isSignIn, isTooLarge } = fault
  if (isSignIn || isSetupReason(reason)) return false
  if (isTooLarge) return true
  return (
    status === HTTP.BAD_REQUEST ||
    status === HTTP.CONTENT_TOO_LARGE ||
    grpcStatus === GRPC.INVALID_ARGUMENT
  )
}

/** What a gRPC status means of BigQuery. Every status that is not here passes by itself. */
const GRPC_TYPES: Readonly<Record<number, FailureType>> = {
  [GRPC.INVALID_ARGUMENT]: 'warehouse_request',
  [GRPC.RESOURCE_EXHAUSTED]: 'warehouse_throttled',
  [GRPC.NOT_FOUND]: 'warehouse_setup',
  [GRPC.PERMISSION_DENIED]: 'warehouse_setup',
  [GRPC.UNAUTHENTICATED]: 'warehouse_setup',
  [GRPC.FAILED_PRECONDITION]: 'warehouse_setup',
  [GRPC.UNIMPLEMENTED]: 'warehouse_setup',
}

/** The Storage Write API's own words for a table that is missing, older than the contracts, or locked by its key. */
const SETUP_REASONS: ReadonlySet<string> = new Set([
  'TABLE_NOT_FOUND',
  'STREAM_NOT_FOUND',
  'SCHEMA_MISMATCH',
  'SCHEMA_MISMATCH_EXTRA_FIELDS',
  'CMEK_NOT_PROVIDED',
  'INVALID_CMEK_PROVIDED',
  'KMS_PERMISSION_DENIED',
])

const isSetupReason = (reason = '') => SETUP_REASONS.has(reason)

/** Statuses of BigQuery that a person has to act on. */
const SETUP_STATUSES: ReadonlySet<number> = new Set([
  HTTP.UNAUTHORIZED,
  HTTP.FORBIDDEN,
  HTTP.NOT_FOUND,
])

/** Client errors by which a server, or a proxy in front of it, says that it is unavailable for a while. */
const PASSING_STATUSES: ReadonlySet<number> = new Set([
  HTTP.REQUEST_TIMEOUT,
  HTTP.GONE,
  HTTP.CLIENT_CLOSED_CONNECTION,
])

function warehouseType({ status, grpcStatus, reason, isSignIn }: ServiceError): FailureType {
  if (isSignIn || isSetupReason(reason)) return 'warehouse_setup'
  if (grpcStatus !== undefined) return GRPC_TYPES[grpcStatus] ?? 'warehouse_unavailable'
  if (status === HTTP.TOO_MANY_REQUESTS || reason === 'rateLimitExceeded')
    return 'warehouse_throttled'
  if (reason === 'quotaExceeded') return 'warehouse_unavailable'
  if (status !== undefined && SETUP_STATUSES.has(status)) return 'warehouse_setup'
  const isRequestAtFault = isHttpClientError(status) && status !== HTTP.REQUEST_TIMEOUT
  return isRequestAtFault ? 'warehouse_request' : 'warehouse_unavailable'
}

function segmentType({ status }: ServiceError): FailureType {
  if (status === HTTP.TOO_MANY_REQUESTS) return 'segment_throttled'
  if (status !== undefined && PASSING_STATUSES.has(status)) return 'segment_unavailable'
  return isHttpRedirect(status) || isHttpClientError(status)
    ? 'segment_setup'
    : 'segment_unavailable'
}

function describe(fault: ServiceError): string {
  const { status, grpcStatus, reason, isSignIn, message, requestId } = fault
  const code = grpcStatus === undefined ? status : (grpcName(grpcStatus) ?? grpcStatus)
  const answer = code === undefined ? 'no answer' : `answered ${code}`
  const more = message ?? (isSignIn ? 'the credentials are missing, or are refused' : undefined)
  return [
    answer,
    ...(reason ? [` ${reason}`] : []),
    ...(more ? [`: ${more}`] : []),
    ...(requestId ? [` (request id ${requestId})`] : []),
  ].join('')
}
