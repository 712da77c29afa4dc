// Names what interrupted an operation that had started runs: they continue, and the operation can be repeated.

import { isGrpcServiceError, ServiceError } from '@temporalio/client'
import { GRPC } from '#runtime/status-codes'
import { BigQueryError } from '#warehouse/bigquery-error'
import { OperationError } from '../errors.ts'

/** Every other status of gRPC is an answer of Temporal's. */
const UNAVAILABLE: ReadonlySet<number> = new Set([
  GRPC.UNAVAILABLE,
  GRPC.DEADLINE_EXCEEDED,
  GRPC.CANCELLED,
])

/**
 * What to throw in place of `error`.
 * @returns OperationError `temporal_lost`, `temporal_refused` or `bigquery_lost`, or else the error itself
 */
export function interrupted(error: unknown): unknown {
  if (error instanceof BigQueryError)
    return new OperationError('bigquery_lost', { why: error.message }, error)
  if (!(error instanceof ServiceError)) return error
  const { cause, message } = error
  if (!isGrpcServiceError(cause))
    return new OperationError('temporal_refused', { why: message }, cause)
  return UNAVAILABLE.has(cause.code)
    ? new OperationError('temporal_lost', {}, cause)
    : new OperationError('temporal_refused', { why: cause.details || message }, cause)
}
