// Classifies what a client says of a call that failed as a failure of the registry (contracts/failures.ts): the answers of
// BigQuery and of Segment, by HTTP status, gRPC status or reason.

import { ApplicationFailure } from '@temporalio/common'
import { FAILURES, type FailureDetails, type FailureType, SETUP_RETRY_SECONDS } from '#contracts'
import { GRPC, grpcName, HTTP, isHttpClientError, isHttpRedirect } from './status-codes.ts'

/** What a client knows about a call to a service that failed. */
export type ServiceError = {
  /** HTTP status; undefined where there was no answer. */
  readonly status?: number | undefined
  /** gRPC status, instead of an HTTP one, where the call was made over gRPC. */
  readonly grpcStatus?: number | undefined
  /** The reason code of the service, such as BigQuery's `rateLimitExceeded`: one of a known list, never free text. */
  readonly reason?: string | undefined
  readonly retryAfterSeconds?: number | undefined
  /** The credentials were refused before the request reached the service. */
  readonly isSignIn?: boolean
  /** The request has more bytes than the service, or a proxy in front of it, takes. */
  readonly isTooLarge?: boolean
  /** The id by which the operators of the service find the request in their logs. */
  readonly requestId?: string | undefined
  /** A description without any text of the service. */
  readonly message?: string | undefined
  /** The message of the service. It may quote the request: it goes to the log at debug level, and nowhere else. */
  readonly said?: string | undefined
}

/** A longer pause could exceed the time-out of the activity, and one call an hour is no load for any service. */
const MAX_RETRY_AFTER_SECONDS = 60 * 60

/**
 * The failure that an activity throws, treated as the registry defines. Where the server asks for no pause, the back-off of the
 * policy applies. The message has the status and the request id and no text of the service: the Temporal UI and the log show
 * it. The failure has no cause, because Temporal would store the message of the cause as well.
 */
export function failure(
  type: FailureType,
  message: string,
  serviceError?: ServiceError,
): ApplicationFailure {
  const { treatment } = FAILURES[type]
  const asked = Math.min(serviceError?.retryAfterSeconds ?? 0, MAX_RETRY_AFTER_SECONDS)
  const details: FailureDetails = asked > 0 ? [asked] : []
  const delay = treatment === 'setup' ? SETUP_RETRY_SECONDS : asked
  return ApplicationFailure.create({
    type,
    message,
    nonRetryable: treatment === 'bug',
    // The SDK does not give a workflow the retry delay of a failed activity, so that the details have it as well.
    details: [...details],
    ...(delay > 0 && { nextRetryDelay: delay * 1000 }),
  })
}

/** BigQuery answers 403 both for a missing grant and for an exhausted quota: the reason distinguishes them. */
export function warehouseFailure(table: string, serviceError: ServiceError): ApplicationFailure {
  return failure(
    warehouseType(serviceError),
    `BigQuery ${table}: ${describe(serviceError)}`,
    serviceError,
  )
}

export function segmentFailure(serviceError: ServiceError): ApplicationFailure {
  return failure(segmentType(serviceError), `Segment: ${describe(serviceError)}`, serviceError)
}

export function pubsubFailure(serviceError: ServiceError): ApplicationFailure {
  return failure(
    isPubSubSetup(serviceError) ? 'pubsub_setup' : 'pubsub_unavailable',
    `Pub/Sub publish: ${describe(serviceError)}`,
    serviceError,
  )
}

/** What the pipeline publishes is bounded in size and form, so that a person has to act on every refusal. */
const isPubSubSetup = ({ grpcStatus, isSignIn }: ServiceError) =>
  isSignIn === true || (grpcStatus !== undefined && PUBSUB_SETUP.has(grpcStatus))

const PUBSUB_SETUP: ReadonlySet<number> = new Set([
  GRPC.INVALID_ARGUMENT,
  GRPC.NOT_FOUND,
  GRPC.PERMISSION_DENIED,
  GRPC.UNAUTHENTICATED,
  GRPC.FAILED_PRECONDITION,
])

/** True where the service refused the contents of the request, so that a request with less of it may succeed. */
export function isRefusal(serviceError: ServiceError): boolean {
  const { status, grpcStatus, reason, isSignIn, isTooLarge } = serviceError
  if (isSignIn || isSetupReason(reason)) return false
  if (isTooLarge) return true
  return (
    status === HTTP.BAD_REQUEST ||
    status === HTTP.CONTENT_TOO_LARGE ||
    grpcStatus === GRPC.INVALID_ARGUMENT
  )
}

/** The failure for each gRPC status of BigQuery. Every other status is `warehouse_unavailable`. */
const GRPC_TYPES: Readonly<Record<number, FailureType>> = {
  [GRPC.INVALID_ARGUMENT]: 'warehouse_request',
  [GRPC.RESOURCE_EXHAUSTED]: 'warehouse_throttled',
  [GRPC.NOT_FOUND]: 'warehouse_setup',
  [GRPC.PERMISSION_DENIED]: 'warehouse_setup',
  [GRPC.UNAUTHENTICATED]: 'warehouse_setup',
  [GRPC.FAILED_PRECONDITION]: 'warehouse_setup',
  [GRPC.UNIMPLEMENTED]: 'warehouse_setup',
}

/** Reasons of the Storage Write API for a table that is missing, older than the contracts, or whose encryption key is unavailable. */
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

/** Statuses of BigQuery on which a person has to act. */
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

function describe(serviceError: ServiceError): string {
  const { status, grpcStatus, reason, isSignIn, message, requestId } = serviceError
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
